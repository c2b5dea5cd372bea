/** How long work may keep the event loop waiting, in milliseconds. */
const SLICE = 12;

/** Tells long work when to give way to the event loop. */
export class Pauses {
  private since = performance.now();

  get due(): boolean {
    return performance.now() - this.since >= SLICE;
  }

  async pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }
}
