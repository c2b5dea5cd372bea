/** Where sources come from. All paths are absolute, with forward slashes. */
export interface SourceHost {
  /** The text of a file, or undefined when it does not exist or cannot be read. Open documents win over the disk. */
  read(path: string): string | undefined;
  /** Changes whenever the text does; parsed trees are kept by it. */
  version(path: string): string;
  isFile(path: string): boolean;
}
