import { describe, expect, test } from 'vitest';
import { coloured } from '../../cli/colour.ts';
import { didYouMean } from '../../cli/did-you-mean.ts';

const names = ['ownership', 'isolation', 'hypercall-smp', 'spp-walk', 'B2'];

describe('a misspelt name', () => {
  test.each([
    ['ownershp', 'ownership'],
    ['onwership', 'ownership'],
    ['Isolation', 'isolation'],
    ['spp-wlak', 'spp-walk'],
    ['hyper', 'hypercall-smp'],
  ])('%s is told to be %s', (given, meant) => {
    expect(didYouMean(given, names)).toBe(`; did you mean ${meant}?`);
  });

  test('of which nothing is near gets no advice', () => {
    expect(didYouMean('wombat', names)).toBe('');
    expect(didYouMean('x', names)).toBe('');
  });
});

describe('a verdict on a terminal', () => {
  const terminal = { isTTY: true };

  test('is in colour, and only the verdict', () => {
    expect(coloured('FAIL  I1 "every"', terminal)).toBe('\x1b[31;1mFAIL\x1b[0m  I1 "every"');
    expect(coloured('  violated  I1', terminal)).toContain('\x1b[31;1m  violated\x1b[0m');
    expect(coloured('a sentence with FAIL in it', terminal)).toBe('a sentence with FAIL in it');
  });

  test('has none in a pipe, nor where NO_COLOR asks for none', () => {
    expect(coloured('FAIL', {})).toBe('FAIL');
    process.env['NO_COLOR'] = '1';
    expect(coloured('FAIL', terminal)).toBe('FAIL');
    delete process.env['NO_COLOR'];
  });
});
