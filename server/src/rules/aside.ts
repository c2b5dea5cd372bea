import type { Finding } from './finding';
import type { RuleId } from './meta';

/**
 * A finding without what it says of rules that are off: who has turned a rule off does not want to read of it in
 * another rule's message either. What the rule mutes stays muted, since that is so whether it is reported or not.
 */
export function withoutAside<T extends Finding>(finding: T, isOff: (rule: RuleId) => boolean): T {
  const { aside, message, related } = finding;
  if (!aside || !isOff(aside.rule)) return finding;
  return {
    ...finding,
    message: { ...message, todo: message.todo.replace(aside.text, '') },
    related: related.filter((one) => !aside.related.includes(one)),
    aside: null,
  };
}
