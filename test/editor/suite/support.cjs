const vscode = require('vscode');

/** The extension under test, as it was installed from the .vsix. */
exports.extension = () => {
  const found = vscode.extensions.getExtension('layerlint.layerlint-vscode');
  if (found === undefined) throw new Error('LayerLint is not installed');
  return found;
};

/** A file of the workspace. */
const uriOf = (exports.uriOf = (file) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, file));

/** Opens a file of the workspace in an editor. */
exports.open = async (file) => vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uriOf(file)));

/**
 * Waits until `probe` gives something truthy. "Canceled" is no answer: VS Code rejects requests so while extensions are
 * still registering.
 */
const until = (exports.until = async (what, probe, seconds = 20) => {
  for (const end = Date.now() + seconds * 1000; ;) {
    let value;
    try {
      value = await probe();
    } catch (error) {
      if (!/^Canceled$/i.test(error?.message ?? '') && error?.name !== 'Canceled') throw error;
    }
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

/** The rule of a diagnostic: its code is an identifier with a link. */
const ruleOf = (exports.ruleOf = ({ code }) => (typeof code === 'object' ? String(code?.value) : String(code)));

/** LayerLint's diagnostics of one rule in a document, in the order of the text. */
const diagnosticsOf = (exports.diagnosticsOf = (document, rule) =>
  vscode.languages
    .getDiagnostics(document.uri)
    .filter((diagnostic) => diagnostic.source === 'layerlint' && ruleOf(diagnostic) === rule)
    .sort((a, b) => a.range.start.compareTo(b.range.start)));

/** Waits for a number of diagnostics of one rule, and gives them. */
exports.waitFor = async (document, rule, count) => {
  try {
    return await until(`${count} × ${rule}`, () => {
      const found = diagnosticsOf(document, rule);
      return found.length === count && found;
    });
  } catch (error) {
    const there = vscode.languages
      .getDiagnostics(document.uri)
      .map(({ range, message }) => `${range.start.line + 1}: ${message}`);
    throw new Error(`${document.uri.path}: ${error.message}; there is: ${there.join(' | ') || 'nothing'}`);
  }
};

/** The code actions that are offered for a range. */
exports.actionsAt = (document, range, kind) =>
  until('code actions', () =>
    vscode.commands.executeCommand('vscode.executeCodeActionProvider', document.uri, range, kind, 20),
  );
