import { Analyzer, type FileContent, type FileSystem, type Reported } from '../../server/src/analyzer';

/** Texts by absolute path, as the disk of an analyzer. */
export class Texts implements FileSystem {
  constructor(private readonly files: ReadonlyMap<string, string>) {}

  read(path: string): FileContent {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`${path}: no such file`);
    return { bytes: Buffer.from(text), stamp: text };
  }

  stamp(path: string): string | null {
    return this.files.get(path) ?? null;
  }
}

/** The findings of a whole workspace, by file and offset, with edits made and suppression comments obeyed. */
export function analyse(files: ReadonlyMap<string, string>): Reported[] {
  const analyzer = new Analyzer(new Texts(files));
  analyzer.setFiles(files.keys());
  return [...files.keys()].flatMap((file) => analyzer.report(file).findings);
}
