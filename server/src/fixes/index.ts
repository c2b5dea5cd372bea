import type { Fix, ProposedFix, Remedy, TextEdit } from '../rules';
import { disableLine } from './disable-line';
import { dropArgument } from './drop-argument';
import { keepOperand } from './keep-operand';
import { setConfig } from './set-config';
import { handOn, setTraining } from './set-training';

/**
 * Turns a proposed fix into text edits, from the spans that were recorded while the graph was recovered. Pure text
 * surgery: nothing is parsed again. The edits do not overlap.
 *
 * @param text the current text of the file that the fix's site stands in (`remedyFile`), the one that was analysed
 * @returns null where nothing is left to change, or where the site has a shape that cannot be edited safely
 */
export function makeFix(proposed: ProposedFix, text: string): Fix | null {
  const edits = remedyEdits(proposed.remedy, text);
  return edits === null ? null : { title: proposed.title, kind: proposed.kind, edits };
}

/** The file that a remedy edits. */
export function remedyFile(remedy: Remedy): string {
  return remedy.type === 'disable-line' ? remedy.place.file : remedy.site.file;
}

function remedyEdits(remedy: Remedy, text: string): readonly TextEdit[] | null {
  if (remedy.type === 'disable-line') return one(disableLine(remedy.place, remedy.rule, text));
  // Spans of another state of the text would cut anywhere.
  if (text[remedy.site.close] !== ')') return null;
  if (remedy.type === 'keep-operand') return one(keepOperand(remedy.site, remedy.operand, text));
  if (remedy.type === 'drop-argument') return one(dropArgument(remedy.site, remedy.key, text));
  if (remedy.type === 'hand-on') return one(handOn(remedy.site, remedy.flag, text));
  if (remedy.type === 'set-training') return setTraining(remedy.site, remedy.api, text);
  return one(setConfig(remedy.site, remedy.key, remedy.value, remedy.drop, text));
}

function one(edit: TextEdit | null): readonly TextEdit[] | null {
  return edit === null ? null : [edit];
}
