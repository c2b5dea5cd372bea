import { originOf, type AddedBias } from '../graph';
import type { ProposedFix } from './finding';

/** Wording and fixes for a bias that is no layer's: a tensor that `tf.add` adds, or the `bias` of a fused op. */

function opName({ application: { target } }: AddedBias): string {
  return target.type === 'op' ? target.name : '';
}

function isFused(bias: AddedBias): boolean {
  return opName(bias).startsWith('fused.');
}

/** The name of the added tensor in the source; null where it has none. */
function tensorName({ application: { target }, input }: AddedBias): string | null {
  return (target.type === 'op' && target.call?.names[input]) || null;
}

/** As it follows "the bias": "`b` added here", "`b` of this tf.fused.conv2d". */
export function addedName(bias: AddedBias): string {
  const name = tensorName(bias);
  const named = name === null ? '' : `\`${name}\` `;
  return isFused(bias) ? `${named}of this tf.${opName(bias)}` : `${named}added here`;
}

/** What to do, without its full stop. */
export function leaveOut(bias: AddedBias, always: boolean): string {
  const where = always ? '' : ' there';
  return isFused(bias) ? `Leave \`bias\` out${where}` : `Leave the addition out${where}`;
}

/** Drops the addition, or the `bias` of the fused call. */
export function additionFix(bias: AddedBias): ProposedFix[] {
  const origin = originOf(bias);
  if (origin === null) return [];
  const { site } = origin;
  if (isFused(bias)) {
    return [{ title: 'Leave bias out', kind: 'quickfix', remedy: { type: 'drop-argument', site, key: 'bias' } }];
  }
  // The other one of two operands.
  const remedy = { type: 'keep-operand', site, operand: bias.input === 0 ? 1 : 0 } as const;
  return [{ title: 'Drop the addition', kind: 'quickfix', remedy }];
}
