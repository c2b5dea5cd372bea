import { engines } from '../../server/src/check/engines';
import { loadEngine } from '../../server/src/check/worker/engine';
import { compareWithTfjs } from './agree';
import { float32 } from './arithmetic';
import { ROWS } from './cases';
import { NORMS, sourcesFor, throughRow } from './row-graphs';

/** What the process tells: how much was compared, on which backend, and every disagreement. */
export interface NativeReport {
  readonly backend: string;
  readonly compared: number;
  readonly disagreements: readonly string[];
  /** Kinds of layers for which it has no kernel, with these options. */
  readonly lacking: readonly string[];
}

const NO_KERNEL = /does not support dilations|not registered for backend/;

/**
 * The rows on tfjs-node, one source a rank. A process of its own: the copies of tfjs in one process share their backend.
 */
async function main(): Promise<NativeReport> {
  const [engine] = engines('tfjs-node', __dirname);
  if (engine === undefined) throw new Error('tfjs-node is not installed: npm run engine');
  const { tf } = await loadEngine(engine);
  const disagreements: string[] = [];
  const lacking = new Set<string>();
  let compared = 0;
  for (const row of ROWS) {
    for (const rank of row.ranks) {
      const source = sourcesFor(row).find((one) => one.rank === rank);
      if (source === undefined) continue;
      const { shape } = throughRow(source, row, NORMS[0]!).applications.at(-1)!.inputs[0]!;
      for (const norm of NORMS.filter(({ fits }) => fits(shape ?? [null, null])).slice(0, row.pointwise ? 1 : 2)) {
        const name = `${source.name} -> ${row.kind} ${JSON.stringify(row.options)} ${row.inner?.kind ?? ''} -> ${norm.name}`;
        try {
          const { layers, unseen } = compareWithTfjs(float32(tf), throughRow(source, row, norm), name);
          compared += layers;
          disagreements.push(...unseen);
        } catch (error) {
          const text = error instanceof Error ? error.message : String(error);
          if (NO_KERNEL.test(text)) lacking.add(row.kind);
          else disagreements.push(text);
        }
      }
    }
  }
  return { backend: tf.getBackend(), compared, disagreements, lacking: [...lacking] };
}

void main().then(
  (report) => process.send!(report),
  (error: unknown) => process.send!(String(error)),
);
