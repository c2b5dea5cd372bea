import { Recoverer } from '../../../server/src/recover';
import type { Recovered } from '../../../server/src/recover';
import { Runnable, type Program } from './program';
import { record, type EntryCall } from './recorder';
import { judgeWorlds, type Judgement, type RealRun } from './worlds';

/** Calls of exports that are entry points: the program is run once more for each. */
export interface FlaggedCall extends EntryCall {
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Recovers a program, runs it on real tfjs, and compares the two. */
export async function checkProgram(
  program: Program,
  calls: readonly FlaggedCall[] = [],
): Promise<{ readonly judgement: Judgement; readonly recovered: Recovered }> {
  const recovered = recover(program);
  const runnable = new Runnable(program);
  const runs: RealRun[] = [{ recorded: await record(runnable), flags: {} }];
  for (const call of calls) runs.push({ recorded: await record(runnable, call), flags: call.flags });
  return { judgement: judgeWorlds(recovered.worlds, runs), recovered };
}

export function recover(program: Program): Recovered {
  const host = {
    read: (path: string) => program[path],
    version: () => '1',
    isFile: (path: string) => path in program,
  };
  return new Recoverer(host).recover(Object.keys(program)[0]!);
}
