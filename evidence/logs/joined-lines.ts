import { openEnvelope } from './envelope.ts';
import { ownBody } from './own-line.ts';

/** Marks of quotation that a mail program puts in front of lines. */
const quotation = /^(?:\s{0,3}>\s?)+/;

/** A line without the marks of quotation. */
const unquoted = (text: string): string => (/^\s{0,3}>/.test(text) ? text.replace(quotation, '') : text);

/** What an event of a tracer ends in where a mail program has broken its line. */
const brokenOff = /(?::|\b(?:reason|address|rip|info|error_code|vcpu))\s*$/;
const tailLength = 24;

/** Whether a line can only be the beginning of one: a tracer's line that ends in the middle of its event. */
const isOpen = (text: string): boolean =>
  brokenOff.test(text.slice(-tailLength)) && isEvent(text) && ownBody(text) === undefined;

const isEvent = (text: string): boolean => openEnvelope(text)?.event !== undefined;

/** A line as it was written, and where the first part of it stands. */
export interface JoinedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * Takes marks of quotation off and joins lines that a mail program has wrapped. Only what can be no line by itself is
 * taken for the rest of the one before: an event, or a line of ours, never is.
 */
export class LineJoiner {
  #open: JoinedLine | undefined;

  /** The lines that are whole now that line `number` has come. */
  push(raw: string, number: number): readonly JoinedLine[] {
    const text = unquoted(raw);
    const open = this.#open;
    if (open === undefined) {
      if (!isOpen(text)) return [{ number, text }];
      this.#open = { number, text };
      return [];
    }
    this.#open = undefined;
    if (text.trim() !== '' && ownBody(text) === undefined && openEnvelope(text) === undefined)
      return [{ number: open.number, text: `${open.text.trimEnd()} ${text.trim()}` }];
    if (!isOpen(text)) return [open, { number, text }];
    this.#open = { number, text };
    return [open];
  }

  /** The line that waits for its rest, which does not come. */
  end(): readonly JoinedLine[] {
    const rest = this.#open === undefined ? [] : [this.#open];
    this.#open = undefined;
    return rest;
  }
}
