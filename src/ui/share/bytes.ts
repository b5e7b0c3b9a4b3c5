/** Numbers and words as few bytes: what a link carries beside its query. */

export class Writer {
  private readonly bytes: number[] = [];

  /** A number ≥ 0, rounded, seven bits a byte, the least first. Throws where it is none, or too large for the reader. */
  count(n: number): this {
    let left = Math.round(n);
    if (!(left >= 0 && left <= Number.MAX_SAFE_INTEGER)) throw new Error(`a count is a number from 0 on, not ${n}`);
    while (left >= 128) {
      this.bytes.push((left % 128) + 128);
      left = Math.floor(left / 128);
    }
    this.bytes.push(left);
    return this;
  }

  /** A whole number of any sign: 0, −1, 1, −2, … as 0, 1, 2, 3, … */
  whole(n: number): this {
    const rounded = Math.round(n);
    return this.count(rounded < 0 ? -2 * rounded - 1 : 2 * rounded);
  }

  /** A float32. */
  real(x: number): this {
    this.bytes.push(...new Uint8Array(new Float32Array([x]).buffer));
    return this;
  }

  word(text: string): this {
    const encoded = new TextEncoder().encode(text);
    this.count(encoded.length);
    this.bytes.push(...encoded);
    return this;
  }

  done(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.bytes);
  }
}

/** Reads what a Writer wrote; throws where the bytes end too early or say the impossible. */
export class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  count(): number {
    let n = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || scale > 2 ** 49)
        throw new Error("it ends too early or holds a number that is too large");
      n += (byte % 128) * scale;
      if (n > Number.MAX_SAFE_INTEGER) throw new Error("it holds a number that is too large");
      if (byte < 128) return n;
    }
  }

  whole(): number {
    const n = this.count();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }

  real(): number {
    const bytes = this.take(4);
    const [x] = new Float32Array(bytes.slice().buffer);
    if (!Number.isFinite(x)) throw new Error("it holds what is not a number");
    return x;
  }

  word(): string {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.take(this.count()));
  }

  /** What is not yet read. */
  get rest(): Uint8Array {
    return this.bytes.subarray(this.at);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  private take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, this.at + length);
    if (taken.length < length) throw new Error("it ends too early");
    this.at += length;
    return taken;
  }
}

/** Characters that are made at once: more would not fit the stack. */
const AT_ONCE = 8192;

/** Bytes as letters, digits, - and _. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Characters of so many bytes. */
export const base64Length = (bytes: number): number => Math.ceil((bytes * 4) / 3);

/** Throws where the text is none. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(plain.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = plain.charCodeAt(i);
  return bytes;
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  way: TransformStream,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(way).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new Error(`it unpacks to more than ${most} bytes`);
    }
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const deflate = (bytes: Uint8Array<ArrayBuffer>) =>
  through(bytes, new CompressionStream("deflate-raw") as TransformStream, Number.POSITIVE_INFINITY);

/** @param most bytes that are unpacked at all; beyond, it throws */
export const inflate = (bytes: Uint8Array<ArrayBuffer>, most: number) =>
  through(bytes, new DecompressionStream("deflate-raw") as TransformStream, most);
