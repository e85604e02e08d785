import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

/** Where a Chromium may be; `CHROMIUM` names another. */
const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].filter(place => place !== undefined);

const executable = places.find(place => existsSync(place));

/** Says in one line that browser tests are skipped where there is no browser, and whether they are. */
export function noBrowser(what: string): boolean {
  if (executable !== undefined) return false;
  console.log(
    `skipped: ${what}, for there is no browser here (apt-get install chromium, or CHROMIUM=/path)`,
  );
  return true;
}

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable ?? 'chromium', args: quiet });

/** The folder of the page, which `npm test` builds before it begins. */
export const builtPage = resolve(import.meta.dirname, '../../dist/explorer');

/** The address of the page, opened from its folder as a report would open it. */
export const pageAddress = pathToFileURL(join(builtPage, 'index.html')).href;
