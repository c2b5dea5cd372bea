import type { SourceHost } from '../recover';
import { screenBytes, screenText, unreadable, type Screening } from './screen';
import type { FileSystem } from './types';

interface Overlay {
  readonly text: string;
  readonly stamp: string;
}

/**
 * Texts of files: open documents first, the disk behind them. Keeps no text of the disk, only what is known of it.
 * Stamps asked of the disk hold until the next `refresh`.
 */
export class Sources implements SourceHost {
  private readonly overlays = new Map<string, Overlay>();
  private readonly stamps = new Map<string, string | null>();
  private readonly screenings = new Map<string, { readonly stamp: string | null; readonly screening: Screening }>();
  private versions = 0;

  constructor(private readonly fileSystem: FileSystem) {}

  /** Gives or (null) takes away the text of an open document; whether that changed anything. */
  setOverlay(path: string, text: string | null): boolean {
    const before = this.overlays.get(path);
    if (before?.text === (text ?? undefined)) return false;
    if (text === null) this.overlays.delete(path);
    else this.overlays.set(path, { text, stamp: `open ${++this.versions}` });
    return true;
  }

  isOpen(path: string): boolean {
    return this.overlays.has(path);
  }

  /** Stamps are asked of the disk anew. */
  refresh(): void {
    this.stamps.clear();
  }

  /** Changes whenever the text does; null where there is no such file. */
  stamp(path: string): string | null {
    const overlay = this.overlays.get(path);
    if (overlay) return overlay.stamp;
    let stamp = this.stamps.get(path);
    if (stamp === undefined) this.stamps.set(path, (stamp = this.fileSystem.stamp(path)));
    return stamp;
  }

  version(path: string): string {
    return this.stamp(path) ?? 'absent';
  }

  isFile(path: string): boolean {
    return this.stamp(path) !== null;
  }

  /** What is known of a file without parsing it; a file that cannot be read is a problem. */
  screen(path: string): Screening {
    const known = this.screenings.get(path);
    if (known && known.stamp === this.stamp(path)) return known.screening;
    let screening: Screening;
    let stamp: string | null;
    const overlay = this.overlays.get(path);
    if (overlay) {
      screening = screenText(path, overlay.text);
      stamp = overlay.stamp;
    } else {
      try {
        const content = this.fileSystem.read(path);
        screening = screenBytes(path, content.bytes);
        stamp = content.stamp;
      } catch (error) {
        screening = unreadable(error instanceof Error ? error.message : String(error));
        stamp = this.stamp(path);
      }
      this.stamps.set(path, stamp);
    }
    this.screenings.set(path, { stamp, screening });
    return screening;
  }

  /** The text, where the file exists and may be parsed. */
  read(path: string): string | undefined {
    const overlay = this.overlays.get(path);
    if (!overlay && !this.isFile(path)) return undefined;
    const { problem, skipped } = this.screen(path);
    if (problem !== null || skipped !== null) return undefined;
    if (overlay) return overlay.text;
    try {
      const { bytes, stamp } = this.fileSystem.read(path);
      this.stamps.set(path, stamp);
      return decode(bytes);
    } catch {
      return undefined;
    }
  }
}

/** UTF-8 without its byte order mark, as editors count offsets. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}
