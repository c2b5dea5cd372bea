import type { Fix, ProposedFix } from '../rules';

/**
 * Turns a proposed fix into text edits.
 *
 * @param text the current text of the file that the fix's site stands in
 * @returns null where the site has a shape that cannot be edited safely
 */
export function makeFix(_proposed: ProposedFix, _text: string): Fix | null {
  return null;
}
