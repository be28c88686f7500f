import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCliWell, temporaryFolder } from '../e2e/cli-process.ts';

/** The browser of the machine: a test downloads none, and does not pass without one. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** A model may be called anything. */
const NAME = '<img src=x onerror=alert(1)>\'"&';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WINDOWS = [
  { name: 'wide', width: 1280, height: 900 },
  { name: 'narrow', width: 390, height: 844 },
];
const CASES = WINDOWS.flatMap((window) =>
  (['light', 'dark'] as const).map((scheme) => ({ ...window, scheme })),
);

const PICTURES = ['placement', 'timeline', 'fabric', 'matrix', 'trust-scatter'];
const REPORT_CHARTS = ['fall', 'bars', 'shares', 'lines', 'sweep', ...PICTURES];

const folder = temporaryFolder();
let browser: Browser;
let report: string;
let projection: string;
let training: string;

/** A few steps on preferences, in a pipeline; the page is what is looked at. */
async function trainTiny(): Promise<string> {
  const pairs = join(folder.path, 'pairs.jsonl');
  const pair = { prompt: 'Tom was', chosen: ` happy ${NAME}`, rejected: ' sad.' };
  writeFileSync(pairs, JSON.stringify(pair));
  const out = join(folder.path, 'trained');
  const size = '--dpo --batch 1 --context 64 --steps 12 --stages 2 --samples 1'.split(' ');
  await runCliWell(['train', 'stories', '--data', pairs, '--valid', pairs, ...size, '--out', out]);
  return pathToFileURL(join(out, 'report.html')).href;
}

beforeAll(async () => {
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(`no Chromium at ${CHROMIUM.join(', ')}; install the package chromium`);
  }
  const model = join(folder.path, NAME);
  const runs = join(folder.path, 'runs');
  await runCliWell(['init', model]);
  await runCliWell(['bench', model, '--quick', '--repetitions', '1', '--out', runs]);
  const [run = ''] = readdirSync(runs);
  report = pathToFileURL(join(runs, run, 'report.html')).href;
  const html = join(folder.path, 'projection.html');
  await runCliWell([
    'project',
    'llama-3.1-70b',
    '--vs',
    'h100x8,b200x8',
    '--chunk',
    '256',
    '--html',
    html,
  ]);
  projection = pathToFileURL(html).href;
  training = await trainTiny();
  browser = await chromium.launch({ executablePath, args: FLAGS });
});

afterAll(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

test.each(CASES)('the report stands by itself, $name and $scheme', async (window) => {
  const { width, height, scheme: colorScheme } = window;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const said: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(report);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background).toBe(colorScheme === 'dark' ? 'rgb(16, 19, 23)' : 'rgb(246, 245, 241)');
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.locator('.lead').textContent()).toContain(NAME);
  await expectWords(page);
  await expectMarks(page, REPORT_CHARTS);
  await expectSlider(page);
  expect(said).toEqual([]);
  expect(asked.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
  await context.close();
});

test.each(CASES)(
  'a projection stands by itself, its sliders reckon, $name $scheme',
  async (one) => {
    const { width, height, scheme: colorScheme } = one;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) said.push(request.url());
    });
    await page.goto(projection);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await expectMarks(page, ['causes']);
    const speedOf = async (row: number): Promise<number> =>
      Number((await page.locator(`#what-if-${row} td`).nth(1).textContent())!.replaceAll(',', ''));
    const data = await page.locator('#what-if-data').textContent();
    const [wafer] = JSON.parse(data!) as { causes: Record<string, number> }[];
    const [before, gpus] = [await speedOf(0), await speedOf(1)];
    await page.locator('[data-cause="crossings and the rest"]').fill('0');
    const us = Object.values(wafer!.causes).reduce((sum, each) => sum + each, 0);
    const freed = 1e6 / (us - wafer!.causes['crossings and the rest']!);
    expect((await speedOf(0)) / freed).toBeCloseTo(1, 2);
    expect(await speedOf(0)).toBeGreaterThan(before);
    expect(await speedOf(1)).toBe(gpus);
    expect(said).toEqual([]);
    await context.close();
  },
);

test.each(CASES)('the page of a training run stands by itself, $name $scheme', async (one) => {
  const { width, height, scheme: colorScheme } = one;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('request', (request) => said.push(request.url()));
  await page.goto(training);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  await expectMarks(page, ['curves', 'shares']);
  expect(await page.locator('svg.curves:visible').count()).toBe(5);
  expect(await page.locator('h1').textContent()).toMatch(/^Loss 0\.\d+ after 12 steps/);
  expect(await page.locator('.sample b').textContent()).toContain('Tom was');
  expect(await page.locator('img').count()).toBe(0);
  expect(said.filter((text) => !/^(file|data):/.test(text))).toEqual([]);
  await context.close();
});

/** The charts of these kinds are shown, each with marks, and none of its text leaves the window. */
async function expectMarks(page: Page, wanted: readonly string[]): Promise<void> {
  const charts = page.locator('svg.chart:visible');
  const kinds = new Set<string>();
  for (const chart of await charts.all()) {
    const name = (await chart.getAttribute('class')) ?? '';
    kinds.add(name);
    expect(await chart.locator('.mark').count(), name).toBeGreaterThan(1);
    const overflow = await chart.evaluate((drawing) => {
      const edge = document.documentElement.clientWidth;
      return [...drawing.querySelectorAll('text')]
        .filter((text) => {
          const { left, right } = text.getBoundingClientRect();
          return left < 0 || right > edge;
        })
        .map(({ textContent }) => textContent);
    });
    expect(overflow, name).toEqual([]);
  }
  expect([...kinds].toSorted()).toEqual(wanted.map((kind) => `chart ${kind}`).toSorted());
}

/** Links lead somewhere, tables say what they hold, cells what they belong to. */
async function expectWords(page: Page): Promise<void> {
  const wrong = await page.evaluate(() => {
    const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
    const anchors = all('a').map((each) => each.getAttribute('href') ?? '');
    return {
      anchors: anchors.filter((to) => to.startsWith('#') && all(to).length !== 1),
      sections: all('section').filter(({ id }) => !anchors.includes(`#${id}`)).length,
      cells: all('th:not([scope])').length,
      tables: all('.table table').filter((table) => !table.querySelector('caption')).length,
      files: anchors.filter((to) => !to.startsWith('#')),
    };
  });
  const { files, ...rest } = wrong;
  expect(rest).toEqual({ anchors: [], sections: 0, cells: 0, tables: 0 });
  expect(files.filter((file) => !existsSync(new URL(file, report)))).toEqual([]);
}

test('printed, no table and no picture is cut, and no heading is left alone', async () => {
  const context = await browser.newContext({ colorScheme: 'dark' });
  const page = await context.newPage();
  await page.emulateMedia({ media: 'print' });
  // A4 within its margins, at 96 dots an inch.
  await page.setViewportSize({ width: 688, height: 1016 });
  await page.goto(report);
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('table, svg.chart')]
      .filter((each) => each.checkVisibility())
      .filter((each) => each.getBoundingClientRect().right > document.body.clientWidth + 1)
      .map(({ className, textContent }) => `${String(className)} ${textContent?.slice(0, 40)}`),
  );
  expect(cut).toEqual([]);
  const kept = await page.evaluate(() =>
    ['h2', '.clock', 'figure', '.table'].map((name) => {
      const { breakAfter, breakInside, display } = getComputedStyle(document.querySelector(name)!);
      return [name, display, breakAfter, breakInside];
    }),
  );
  expect(kept).toEqual([
    ['h2', 'block', 'avoid', 'auto'],
    ['.clock', 'block', 'avoid', 'auto'],
    ['figure', 'block', 'auto', 'avoid'],
    ['.table', 'block', 'auto', 'avoid'],
  ]);
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background).toBe('rgb(255, 255, 255)');
  await context.close();
});

/** The slider puts another slice into the visible drawing. */
async function expectSlider(page: Page): Promise<void> {
  const slider = page.locator('#fabric-slider');
  const look = (): Promise<unknown> =>
    page
      .locator('svg.fabric:visible [data-kind]')
      .evaluateAll((marks) => marks.map((mark) => mark.getAttribute('height')));
  const before = await look();
  const when = await page.locator('#fabric-when').textContent();
  await slider.fill('30');
  expect(await look()).not.toEqual(before);
  expect(await page.locator('#fabric-when').textContent()).not.toBe(when);
  await slider.press('ArrowRight');
  expect(await slider.inputValue()).toBe('31');
  const said = await page.locator('#fabric-when').textContent();
  expect(await slider.getAttribute('aria-valuetext')).toBe(said);
}
