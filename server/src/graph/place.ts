/** A half-open range of UTF-16 offsets into the text of one file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span in a named file. `file` is an absolute path with forward slashes. */
export interface Place extends Span {
  readonly file: string;
}

/** The identity of a place: two places are the same code exactly when their keys are equal. */
export function placeKey(place: Place): string {
  return `${place.file}:${place.start}:${place.end}`;
}
