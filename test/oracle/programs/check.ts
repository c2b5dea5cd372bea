import ts from 'typescript';
import { Recoverer, type Recovered } from '../../../server/src/recover';
import { functionLikeName } from '../../../server/src/recover/functions';
import { functionKey } from '../../../server/src/recover/syntax';
import { Runnable, scriptOf, type Program } from './program';
import { record, type EntryCall } from './recorder';
import { judgeWorlds, type Judgement, type RealRun } from './worlds';

/** A call of an export that is an entry point: the program is run once more for each. */
export interface FlaggedCall extends EntryCall {
  /** What the names of its parameters stand for. */
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Recovers a program, runs it on real tfjs, and compares the two. */
export async function checkProgram(
  program: Program,
  calls: readonly FlaggedCall[] = [],
): Promise<{ readonly judgement: Judgement; readonly recovered: Recovered; readonly runs: readonly RealRun[] }> {
  const recovered = recover(program, calls);
  const runnable = await Runnable.of(program);
  const runs: RealRun[] = [{ recorded: await record(runnable), flags: {} }];
  for (const call of calls) runs.push({ recorded: await record(runnable, call), flags: call.flags });
  return { judgement: judgeWorlds(recovered.worlds, runs), recovered, runs };
}

/** Recovers a program; of the functions of its root only those of the given names are entry points. */
export function recover(program: Program, entries: readonly Pick<EntryCall, 'name' | 'of'>[] = []): Recovered {
  const host = {
    read: (path: string) => program[path],
    version: () => '1',
    isFile: (path: string) => path in program,
  };
  const root = Object.keys(program)[0]!;
  const called = new Set<string>();
  const visit = (node: ts.Node): void => {
    const isEntry = (at: ts.Node): boolean => {
      if (!ts.isFunctionLike(at)) return false;
      const called = functionLikeName(at as ts.FunctionLikeDeclaration);
      const owner = ts.isClassLike(at.parent) ? at.parent.name?.text : undefined;
      return entries.some(({ name, of }) => name === called && of === owner);
    };
    // The methods of a class are those of an instance that somebody makes.
    if (ts.isClassLike(node) ? !node.members.some(isEntry) : ts.isFunctionLike(node) && !isEntry(node))
      called.add(functionKey(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(root, scriptOf(program, root), ts.ScriptTarget.Latest, true));
  return new Recoverer(host).recover(root, { called });
}
