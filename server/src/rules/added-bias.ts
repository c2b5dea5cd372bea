import { addedTensor, originOf, placeKey, type AddedBias } from '../graph';
import type { ProposedFix } from './finding';
import { sitePlace } from './wording';

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

/**
 * Whether the code does something else with what is added: it sets it from its gradient, which it no longer has once the
 * addition is gone, or adds it elsewhere too.
 */
export function isUsedOtherwise(bias: AddedBias): boolean {
  const { uses, escapes } = addedTensor(bias);
  const siteOf = ({ target }: AddedBias['application']): string | null => {
    const place = target.type === 'op' && target.call ? sitePlace(target.call.site) : null;
    return place && placeKey(place);
  };
  return escapes.length > 0 || uses.some((use) => siteOf(use) !== siteOf(bias.application));
}

/** What to do, without its full stop. */
export function leaveOut(bias: AddedBias, always: boolean, usedOtherwise: boolean): string {
  const where = always ? '' : ' there';
  const what = isFused(bias) ? `Leave \`bias\` out${where}` : `Leave the addition out${where}`;
  const name = tensorName(bias);
  return usedOtherwise ? `${what}, and mind what else uses ${name === null ? 'it' : `\`${name}\``}` : what;
}

/** Drops the addition, or the `bias` of the fused call. */
export function additionFix(bias: AddedBias, usedOtherwise: boolean): ProposedFix[] {
  const origin = originOf(bias);
  if (origin === null) return [];
  const { site } = origin;
  const kind = usedOtherwise ? 'suggestion' : 'quickfix';
  const warning = usedOtherwise ? ' (what it adds is used elsewhere too)' : '';
  if (isFused(bias)) {
    return [{ title: `Leave bias out${warning}`, kind, remedy: { type: 'drop-argument', site, key: 'bias' } }];
  }
  // The other one of two operands.
  const remedy = { type: 'keep-operand', site, operand: bias.input === 0 ? 1 : 0 } as const;
  return [{ title: `Drop the addition${warning}`, kind, remedy }];
}
