import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesHex, bytesOfHex } from '../../../model/bits/index.ts';

test('any bytes come back from their hex digits', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      expect(bytesOfHex(bytesHex(bytes))).toEqual(bytes);
      expect(bytesOfHex(`0x${bytesHex(bytes).toUpperCase()}`)).toEqual(bytes);
    }),
    { seed: 8 },
  );
});

test.each(['0', 'abc', '0g', ' 00', '00 11', '0x0', 'x00'])('%j holds no bytes', text => {
  expect(bytesOfHex(text)).toBeUndefined();
});
