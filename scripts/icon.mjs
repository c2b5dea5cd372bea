// Draws images/icon.png (128 x 128): a stack of three layers, the middle one crossed out. Run once; the result is kept.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const SIZE = 128;
const SAMPLES = 4;

/** Distance from a point to a segment. */
function distance(x, y, [ax, ay, bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

function insideRounded(x, y, left, top, width, height, radius) {
  const cx = Math.max(left + radius, Math.min(left + width - radius, x));
  const cy = Math.max(top + radius, Math.min(top + height - radius, y));
  return x >= left && x <= left + width && y >= top && y <= top + height && Math.hypot(x - cx, y - cy) <= radius;
}

/** A flat rhombus seen from above: one layer of the stack. */
const insideLayer = (x, y, middle) => Math.abs(x - 64) / 42 + Math.abs(y - middle) / 19 <= 1;

function colour(x, y) {
  if (!insideRounded(x, y, 4, 4, 120, 120, 24)) return [0, 0, 0, 0];
  const strike = distance(x, y, [88, 46, 112, 70]);
  const strikeBack = distance(x, y, [112, 46, 88, 70]);
  const cross = Math.min(strike, strikeBack);
  if (cross <= 4.5) return [255, 107, 87, 255];
  if (cross <= 8.5) return [26, 35, 58, 255];
  if (insideLayer(x, y, 38)) return [255, 186, 73, 255];
  if (insideLayer(x, y, 43)) return [26, 35, 58, 255];
  if (insideLayer(x, y, 62)) return [122, 162, 247, 255];
  if (insideLayer(x, y, 67)) return [26, 35, 58, 255];
  if (insideLayer(x, y, 86)) return [158, 206, 148, 255];
  return [26, 35, 58, 255];
}

function pixels() {
  const rows = Buffer.alloc(SIZE * (1 + SIZE * 4));
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const sum = [0, 0, 0, 0];
      for (let i = 0; i < SAMPLES * SAMPLES; i++) {
        const [r, g, b, a] = colour(x + ((i % SAMPLES) + 0.5) / SAMPLES, y + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES);
        [r * a, g * a, b * a, a].forEach((value, channel) => (sum[channel] += value));
      }
      const at = y * (1 + SIZE * 4) + 1 + x * 4;
      for (let c = 0; c < 3; c++) rows[at + c] = sum[3] ? Math.round(sum[c] / sum[3]) : 0;
      rows[at + 3] = Math.round(sum[3] / (SAMPLES * SAMPLES));
    }
  }
  return rows;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
header.set([8, 6, 0, 0, 0], 8); // 8 bits a channel, RGBA
const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  chunk('IHDR', header),
  chunk('IDAT', deflateSync(pixels(), { level: 9 })),
  chunk('IEND', Buffer.alloc(0)),
]);
const target = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'images', 'icon.png');
mkdirSync(path.dirname(target), { recursive: true });
writeFileSync(target, png);
