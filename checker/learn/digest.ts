/** A short text that changes with every word added: to tell things apart, not to keep anyone out. */
export class Digest {
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;

  add(...words: readonly (string | number)[]): void {
    for (const word of words)
      for (const letter of `${word}\n`) {
        const code = letter.codePointAt(0) ?? 0;
        this.#low = Math.imul(this.#low ^ code, 0x01000193);
        this.#high = Math.imul(this.#high ^ code ^ (this.#low >>> 16), 0x85ebca6b);
      }
  }

  get text(): string {
    return [this.#high, this.#low].map(half => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
