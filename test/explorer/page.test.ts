import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serveFolder } from '../../cli/explore/serve-folder.ts';
import { pagewarden } from '../cli/run.ts';
import { builtPage, launch, noBrowser, pageAddress } from './browser.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const vectors = resolve(import.meta.dirname, '../golden/ept-spp-sample.jsonl');

describe.skipIf(noBrowser('the tests of the explorer in a browser'))('the explorer', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => browser.close());
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    complaints = [];
    page.on('pageerror', error => complaints.push(error.message));
    page.on('console', message => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', request => {
      if (!/^(file|blob|data|http:\/\/127)/.test(request.url()))
        complaints.push(`asked for ${request.url()}`);
    });
  });
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  const open = (fragment: string): Promise<unknown> => page.goto(pageAddress + fragment);
  const small = '#/explore?system=ownership&profile=1p1g1k';
  const call = (text: string) => page.locator('button.call', { hasText: text }).first();
  const path = () => page.locator('.path > li');
  const here = () => page.locator('.path .now .number').innerText();

  describe('as a file', () => {
    test('is one page of less than a megabyte, compressed', () => {
      expect(readdirSync(builtPage)).toEqual(['index.html']);
      const bytes = gzipSync(readFileSync(join(builtPage, 'index.html'))).length;
      console.log(`explorer: ${Math.round(bytes / 1024)} KB gzipped`);
      expect(bytes).toBeLessThan(1_000_000);
    });

    test('is the same page when served', async () => {
      const { server, address } = await serveFolder(builtPage, 0);
      await page.goto(address);
      await page.getByRole('heading', { name: 'State', exact: true }).waitFor();
      await page.getByRole('button', { name: 'go to shared back to host' }).waitFor();
      server.close();
      server.closeAllConnections();
    });
  });

  describe('a system of one’s own', () => {
    test('is the first in the page: walked, checked in the worker, and attacked with its fault', async () => {
      const own = join(tmpdir(), `pagewarden-own-${process.pid}.html`);
      const built = await pagewarden('explore', './examples/06-a-system-of-your-own.ts', '-o', own);
      expect(built).toMatchObject({ code: 0, stderr: '' });
      await page.goto(pathToFileURL(own).href);
      await call('up').click();
      expect(await page.locator('.slots .changed').innerText()).toMatch(/value\s+1 was 0/);
      await page.getByRole('tab', { name: 'Properties' }).click();
      await page.getByRole('button', { name: 'Check every state' }).click();
      await page.getByText('All hold: 4 states').waitFor();
      await page.getByLabel('with the bug').selectOption('over');
      await page.getByRole('button', { name: 'Play the attack' }).click();
      await page.getByText('4 calls break it').waitFor();
    });
  });

  describe('walking the states', () => {
    test('makes a call: the path grows, the words change and are marked, the address names it', async () => {
      await open(small);
      await call('host_donate_guest').click();
      expect(await path().count()).toBe(2);
      expect(await page.locator('.last-call').innerText()).toContain('returned 0: 2 words changed');
      expect(await page.locator('td.owner').first().innerText()).toBe('guest 2');
      expect(await page.locator('.pages .word.changed').count()).toBe(2);
      expect(page.url()).toContain('path=');
    });

    test('refuses a call with its errno and the reason, and nothing changes', async () => {
      await open(small);
      const refused = page.locator('button.call.refused', { hasText: 'hyp_donate_host' }).first();
      expect(await refused.innerText()).toMatch(/-EPERM[\s\S]*needed: the host maps nothing there/);
      const words = await page.locator('.pages').innerText();
      await refused.click();
      expect(await page.locator('.last-call').innerText()).toMatch(
        /-EPERM: host leaf .* Nothing changed\.$/,
      );
      expect(await page.locator('.pages').innerText()).toBe(words);
    });

    test('undoes, redoes, and goes back to any step of the path', async () => {
      await open(small);
      await call('host_donate_guest').click();
      await call('guest_share_host').click();
      const shared = await page.locator('.pages').innerText();
      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      expect(await here()).toBe('1');
      await page.getByRole('button', { name: 'Redo', exact: true }).click();
      expect(await page.locator('.pages').innerText()).toBe(shared);
      await path().first().getByRole('button').click();
      expect(await here()).toBe('0');
      expect(await page.getByRole('button', { name: 'Undo', exact: true }).isDisabled()).toBe(true);
    });

    test('reopens a link where it was, the browser’s own back button included', async () => {
      await open(small);
      await call('host_donate_guest').click();
      await call('guest_share_host').click();
      await page.locator('.pages .word').first().click();
      await page.getByRole('tab', { name: 'Properties' }).click();
      const seen = await page.locator('#app').innerText();
      const link = page.url();
      await page.goto('about:blank');
      await page.goto(link);
      expect(await page.locator('#app').innerText()).toBe(seen);
      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      await page.goBack();
      expect(await here()).toBe('2');
    });

    test('opens a word into its bit fields, with what the last call changed', async () => {
      await open(small);
      await call('host_share_guest').click();
      await page.locator('.pages .word').first().click();
      const state = page.locator('.fields tr.changed', { hasText: 'page state' });
      expect(await state.innerText()).toMatch(/57:56\s+page state\s+2 was 1\s+SHARED_OWNED.*\s+seed 004/);
    });

    test('narrows the calls to an actor and an operation', async () => {
      await open(small);
      await page.getByLabel('calls by').selectOption('host');
      await page.getByLabel('calls of').selectOption('host_share_guest');
      const names = await page.locator('button.call .operation').allInnerTexts();
      expect(new Set(names)).toEqual(new Set(['host_share_guest']));
      expect(page.url()).toContain('actor=host&operation=host_share_guest');
    });

    test('does all of it from the keyboard', async () => {
      await open(small);
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('k');
      await page.keyboard.press('Enter');
      expect(await here()).toBe('1');
      await page.keyboard.press('u');
      expect(await here()).toBe('0');
      await page.keyboard.press('r');
      expect(await here()).toBe('1');
      await page.keyboard.press('b');
      expect(await here()).toBe('0');
      await page.keyboard.press('3');
      expect(await page.getByRole('tab', { name: 'Properties' }).getAttribute('aria-selected')).toBe(
        'true',
      );
      await page.keyboard.press('?');
      expect(await page.locator('.keys').innerText()).toContain('undo the last call');
    });

    test('copies the path for other tools', async () => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await open(small);
      await call('host_donate_guest').click();
      const copied = async (name: string): Promise<string> => {
        const button = page.getByRole('button', { name: `copy as ${name}` });
        await button.click();
        await button.getByText('copied').waitFor();
        return page.evaluate<string>('navigator.clipboard.readText()');
      };
      expect(await copied('Mermaid')).toMatch(/^sequenceDiagram\n/);
      expect(JSON.parse(await copied('ITF')).states).toHaveLength(2);
      expect(JSON.parse(await copied('oracle calls'))).toMatchObject({
        op: 'call',
        name: 'host_donate_guest',
        ret: 0,
      });
    });

    test('says so where a link names what there is not', async () => {
      await open('#/explore?system=ownership&profile=9p&mutant=B99&path=0.0.999999');
      const alerts = await page.getByRole('alert').allInnerTexts();
      expect(alerts[0]).toContain('ownership has no size 9p');
      expect(alerts[1]).toContain('ownership has no bug B99');
      expect(alerts[2]).toContain("The link's path ends at call 2");
    });

    test('is quick: the first step and the following ones, measured', async () => {
      const begun = Date.now();
      await open('#/explore?system=ownership&profile=2p2g2k');
      await call('host_donate_hyp').click();
      await path().nth(1).waitFor();
      const first = Date.now() - begun;
      const step = await page.evaluate<number>(`(async () => {
        const times = [];
        for (let count = 0; count < 12; count++) {
          const calls = document.querySelectorAll('button.call:not(.refused)');
          const begun = performance.now();
          calls[count % calls.length].click();
          await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
          times.push(performance.now() - begun);
        }
        return times.sort((a, b) => a - b)[6];
      })()`);
      console.log(
        `explorer: first step ${first} ms after opening, a step ${Math.round(step)} ms (median of 12)`,
      );
      expect(await path().count()).toBe(14);
    });
  });

  describe('its pictures', () => {
    test('show the protocol out of the bits, with the way there behind a click', async () => {
      await open(small);
      await page.getByRole('button', { name: 'go to shared back to host' }).click();
      expect(await page.locator('.path .operation').allInnerTexts()).toEqual([
        'host_donate_guest',
        'guest_share_host',
      ]);
      await page.locator('g.node.here', { hasText: 'shared back to host' }).waitFor();
      // how the host gets back a page that a guest shared: the calls that go through from here
      const ways = await page.locator('button.call:not(.refused) .operation').allInnerTexts();
      expect(ways).toEqual(['host_undonate_guest', 'guest_unshare_host']);
    });

    test('show what is around, and go there', async () => {
      await open(`${small}&panel=around`);
      await page.locator('g.node', { hasText: 'NOPAGE owner 2' }).click();
      expect(await page.locator('td.owner').first().innerText()).toBe('guest 2');
    });
  });

  describe('much of anything', () => {
    test('around a state with many ways on is a list, and a picture of one call', async () => {
      await open('#/explore?system=ownership&profile=3p2g3k&panel=around');
      await page.locator('.nearby button').nth(28).waitFor();
      await page.getByLabel('only this call').selectOption('host_donate_hyp');
      await page.locator('g.node', { hasText: 'NOPAGE owner 0' }).first().click();
      expect(await page.locator('td.owner').first().innerText()).toBe('hypervisor');
    });

    test('a picture is zoomed, fitted, explained and saved', async () => {
      await open(small);
      const width = (): Promise<number> =>
        page.evaluate<number>("document.querySelector('.graph svg').getBoundingClientRect().width");
      await page.locator('g.node').first().waitFor();
      const before = await width();
      await page.getByRole('button', { name: 'bigger' }).click();
      expect(await width()).toBeGreaterThan(before * 1.2);
      await page.getByRole('button', { name: 'Fit' }).click();
      expect(await page.locator('.legend').innerText()).toContain('the host owns it');
      for (const [button, begins] of [
        ['Save SVG', '<?xml'],
        ['PNG', '\u0089PNG'],
      ] as const) {
        const saved = page.waitForEvent('download');
        await page.getByRole('button', { name: button }).click();
        const file = await (await saved).path();
        expect(readFileSync(file, 'latin1').slice(0, begins.length)).toBe(begins);
      }
    });

    test('calls and slots are found by their words', async () => {
      await open('#/explore?system=spp-kvm&profile=life');
      await page.getByLabel('search the calls').fill('guest 31');
      expect(await page.locator('button.call').count()).toBe(1);
      await page.getByLabel('search the state').fill('root b');
      expect(await page.locator('.slots dt').allInnerTexts()).toEqual(['SPPT L4E in root B']);
    });

    test('a size of one’s own is walked and checked, and one that makes no sense is refused', async () => {
      await open(`${small}&panel=properties`);
      await page.getByRole('button', { name: 'own size' }).click();
      await page.locator('.sizes select').first().selectOption('2');
      expect(await page.locator('.pages th[scope=row] code').nth(1).innerText()).toBe('0x4000');
      await page.getByRole('button', { name: 'Check every state' }).click();
      await page.getByText(/All hold: \d+ states/).waitFor();
      await open(`${small}&set=pages%3D99`);
      expect(await page.getByRole('alert').innerText()).toContain('expected a whole number from 1 to');
    });
  });

  describe('its own check', () => {
    test('explores every state and says of each property where it is reached', async () => {
      await open(`${small}&panel=properties`);
      await page.getByRole('button', { name: 'Check every state' }).click();
      await page.getByText('All hold: 5 states').waitFor();
      expect(await page.locator('.properties .bad').count()).toBe(0);
      await page.getByRole('button', { name: 'the call', exact: true }).first().click();
      expect(await here()).toBe('1');
    });

    test('shows progress and can be stopped', async () => {
      await open('#/explore?system=ownership&profile=5p3g4k&panel=properties');
      await page.getByRole('button', { name: 'Check every state' }).click();
      await page.getByText(/[\d,]+ states, level \d+/).waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Stopped.').waitFor();
    });

    test('finds a mutant’s shortest attack and plays it to the violation', async () => {
      await open('#/explore?system=ownership&mutant=B2');
      await page.getByRole('button', { name: 'Play the attack' }).click();
      await page.getByText('2 calls break it').waitFor();
      await page.locator('.path .now .number', { hasText: '2' }).waitFor();
      expect(await page.locator('td.owner').first().innerText()).toBe('host and guest 2');
      await page.getByRole('tab', { name: 'Properties' }).click();
      expect(await page.locator('.properties td .bad').count()).toBeGreaterThan(0);
    });
  });

  describe('walking an access', () => {
    const outcome = () => page.locator('.outcome h2').innerText();

    test('says why a write exits with 66: where the walk ended, the decision, the qualification', async () => {
      await open('#/walk');
      expect(await outcome()).toBe('SPPT miss: VM exit, reason 66');
      expect(await page.locator('.stage.ended').innerText()).toContain('not valid: bit 0 is 0');
      expect(await page.locator('.qualification').innerText()).toMatch(/11\s+1\s+SPPT miss/);
      expect(await page.locator('.stage.passed').count()).toBe(6);
      await page.locator('.stage.ended .word').click();
      expect(await page.locator('.stage.ended .fields').first().innerText()).toContain(
        'the walk misses here',
      );
    });

    test('follows an edited word at once, and keeps it in the link', async () => {
      await open('#/walk');
      const memory = page.getByLabel('memory: one address and its word a line');
      const mended = (await memory.inputValue()).replace('0x22000 0x0', '0x22000 0x23001');
      await memory.fill(mended);
      expect(await outcome()).toContain('allowed: host-physical 0x200100');
      const link = page.url();
      await page.goto('about:blank');
      await page.goto(link);
      expect(await outcome()).toContain('allowed');
      await page.getByLabel('guest-physical address').fill('0x5180');
      expect(await page.locator('.outcome').innerText()).toContain('permits no writes to sub-page 3');
      await page.getByLabel('guest-physical address').fill('five');
      expect(await page.getByRole('alert').innerText()).toContain('access.gpa: expected a hexadecimal');
    });

    test('loads vectors and dumps', async () => {
      await open('#/walk');
      await page.locator('input[type=file]').setInputFiles(vectors);
      await page.getByLabel('vector', { exact: true }).selectOption('w0025');
      expect(await page.locator('.outcome h2').innerText()).toMatch(/EPT violation|allowed|misconfig|SPPT/);
      const dump = join(mkdtempSync(join(tmpdir(), 'pagewarden-')), 'words.json');
      writeFileSync(dump, JSON.stringify({ '0x10000': '0x11007', '0x11000': '0x12007' }));
      await open('#/walk');
      await page.locator('input[type=file]').setInputFiles(dump);
      await page.locator('.stage.ended', { hasText: 'nobody knows the word at 0x12000' }).waitFor();
    });
  });

  describe('for everyone', () => {
    const views = [
      small,
      `${small}&panel=around`,
      `${small}&panel=properties&path=0&slot=host%5B0x3000%5D`,
      '#/explore?system=ownership&mutant=B2',
      '#/walk',
    ];
    /** What each view shows, looked at three ways each time it is opened: opening it is what takes long. */
    const seen: { view: string; light: unknown[]; dark: unknown[]; phoneWidth: number }[] = [];
    const findings = (rules = ''): Promise<unknown[]> =>
      page.evaluate<unknown[]>(
        `axe.run(${rules}).then(({ violations }) => violations.map(({ id, impact, nodes }) =>
          ({ id, impact, where: nodes.slice(0, 3).map(node => node.html.slice(0, 120)) })))`,
      );

    test('has no accessibility finding in any view, light', async () => {
      for (const view of views) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
        await page.goto('about:blank');
        await open(view);
        await page.locator('h2').first().waitFor();
        if (view.startsWith('#/explore') && !view.includes('properties'))
          await page.locator('g.node').first().waitFor();
        await page.evaluate(axeSource);
        const light = await findings();
        await page.emulateMedia({ colorScheme: 'dark' });
        // colours are all that the dark page has of its own
        const dark = await findings(`{ runOnly: ['color-contrast'] }`);
        await page.setViewportSize({ width: 390, height: 844 });
        const phoneWidth = await page.evaluate<number>('document.documentElement.scrollWidth');
        seen.push({ view, light, dark, phoneWidth });
      }
      expect(seen.map(({ view, light }) => [view, light])).toEqual(views.map(view => [view, []]));
    });

    test('has no accessibility finding in any view, dark', () => {
      expect(seen.map(({ view, dark }) => [view, dark])).toEqual(views.map(view => [view, []]));
    });

    test('fits a phone without scrolling sideways', () => {
      expect(seen.map(({ view, phoneWidth }) => [view, phoneWidth <= 390])).toEqual(
        views.map(view => [view, true]),
      );
    });

    test('has undo within reach on a phone, however far one scrolls', async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await open(`${small}&path=0`);
      await page.evaluate('scrollTo(0, 600)');
      await page.getByRole('button', { name: 'Undo' }).click({ trial: true });
      expect((await page.getByRole('button', { name: 'Undo' }).boundingBox())?.y).toBeLessThan(60);
    });

    test('keeps its place while one steps: nothing above the panel moves by a call of the same shape', async () => {
      await open(small);
      const top = (): Promise<number> =>
        page.evaluate<number>("document.querySelector('.tabs').getBoundingClientRect().top");
      const before = await top();
      await call('host_donate_hyp').click();
      expect(await top()).toBe(before);
    });
  });
});
