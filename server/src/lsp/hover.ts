import type { Hover } from 'vscode-languageserver/node';
import type { LayerDescription } from '../analyzer';
import { guarded, throwIfCancelled } from './guard';
import type { Session } from './session';

/** `textDocument/hover` on a layer's creating call: kind, output shape, parameters, what happens to its bias. */
export function handleHover(session: Session): void {
  const { connection, workspace, paths, texts, client } = session;
  connection.onHover((params, token) =>
    guarded<Hover | null>(connection, 'textDocument/hover', null, async () => {
      await workspace.ready(token);
      throwIfCancelled(token);
      const path = paths.toPath(params.textDocument.uri);
      const document = texts.document(path);
      if (!session.settings.enable || !document || !workspace.concerns(path)) return null;
      const description = session.services.analyzer.describe(path, document.offsetAt(params.position));
      if (!description) return null;
      const range = texts.range(path, description.place);
      return {
        contents: client.markdownHover
          ? { kind: 'markdown', value: layerMarkdown(description) }
          : { kind: 'plaintext', value: layerMarkdown(description).replace(/[*`]/g, '') },
        ...(range ? { range } : {}),
      };
    }),
  );
}

/** Shapes are written as tfjs prints them: the batch axis first, null for a size that is not known. */
export function layerMarkdown({ kind, outputShapes, parameters, biasParameters, bias }: LayerDescription): string {
  const shapes = outputShapes.map((shape) => (shape ? `\`[${shape.map(String).join(', ')}]\`` : 'of unknown shape'));
  const facts = [`**${kind}**`];
  if (shapes.length > 0) facts.push(`output ${shapes.join(' or ')}`);
  if (parameters !== null) {
    const ofBias = biasParameters ? `, ${biasParameters} of them its bias` : '';
    facts.push(`${parameters} parameter${parameters === 1 ? '' : 's'}${ofBias}`);
  }
  return [facts.join(' · '), bias].filter((part) => part !== '').join('\n\n');
}
