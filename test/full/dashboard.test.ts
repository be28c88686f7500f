/**
 * The dashboard as its users see it: a real server, Chromium, both schemes, wide and narrow.
 */
import { existsSync } from 'node:fs';
import type { RunningServer } from '@wafer/server';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_KEY, KEY, storiesServer } from '../serve/stories-server.ts';

/** The browser of the machine: a test downloads none, and does not pass without one. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const CASES = [1280, 400].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
);
const TOOLS = '[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}]';

let browser: Browser;
let server: RunningServer;

beforeAll(async () => {
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(`no Chromium at ${CHROMIUM.join(', ')}; install the package chromium`);
  }
  server = await storiesServer({}, { grid: '2x1', dice: '2x1', link: 'port' });
  browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

interface Opened {
  page: Page;
  /** What the console said, and requests to anywhere else. */
  said: string[];
}

async function open(look: (typeof CASES)[number]): Promise<Opened> {
  const { width, scheme: colorScheme } = look;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const said: string[] = [];
  // A key that is asked for is a 401, of which the console tells.
  page.on('console', (message) => {
    if (!/status of 40[13]/.test(message.text())) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) said.push(request.url());
  });
  await page.goto(server.url);
  return { page, said };
}

async function useKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Use' }).click();
}

test.each(CASES)('chat and live view at $width, $scheme, by keyboard', async (look) => {
  const { page, said } = await open(look);
  await page.getByText('Type a key of the role admin above.').waitFor();
  await useKey(page, KEY);
  await page.getByRole('tab', { name: 'Live' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'Chat' }).waitFor();
  await page.getByLabel('Temperature').fill('0');
  await page.getByLabel('Tokens at most').fill('20');
  await page.getByLabel('Message (Ctrl').fill('Once upon a time');
  await page.keyboard.press('Control+Enter');
  await page.locator('#answer-figures').getByText('length').waitFor();
  expect(await page.getByRole('log').textContent()).toContain('there was a little girl named');
  expect(await page.getByRole('listbox').getByRole('option').count()).toBe(20);
  const alternatives = page.getByRole('region', { name: 'Alternatives' });
  expect(await alternatives.locator('tbody tr').count()).toBe(5);
  await page.getByRole('listbox').focus();
  await page.keyboard.press('ArrowRight');
  expect(await alternatives.textContent()).toContain('token 2 of 20');
  await expectWellMade(page, look.width);

  await useKey(page, ADMIN_KEY);
  await page.getByRole('tab', { name: 'Live' }).click();
  await page.getByRole('heading', { name: 'stories · ready' }).waitFor();
  expect(await page.getByText('across the cut').count()).toBe(2);
  await page.getByRole('region', { name: 'Timelines' }).getByText('20, length').first().waitFor();
  await page.getByText('Tokens per second, by tenant').waitFor();
  await page.locator('canvas').nth(1).waitFor();
  await expectWellMade(page, look.width);
  expect(said).toEqual([]);
  await page.context().close();
});

test('a schema holds the answer, tools are sent, and what is wrong is told in words', async () => {
  const { page, said } = await open(CASES[0]!);
  await useKey(page, KEY);
  await page.getByRole('tab', { name: 'Playground' }).click();
  await page.getByText('System message, tools, schema').click();
  const send = async (): Promise<void> => {
    await page.getByLabel('Message (Ctrl').fill('Say something');
    await page.getByRole('button', { name: 'Send' }).click();
  };
  await page.getByLabel('JSON Schema').fill('{"enum":["red","blue"]}');
  await send();
  await page.locator('#answer-figures').getByText('stop').waitFor();
  expect(await page.getByRole('listitem').last().textContent()).toMatch(/"(red|blue)"/);
  await page.getByLabel('JSON Schema').fill('{');
  await send();
  expect(await page.getByRole('alert').textContent()).toMatch(/^schema: /);
  await page.getByLabel('JSON Schema').fill('');
  await page.getByLabel('Tools, a JSON list').fill(TOOLS);
  const asked = page.waitForRequest((request) => request.url().endsWith('/chat/completions'));
  await send();
  expect((await asked).postDataJSON()).toMatchObject({ tools: JSON.parse(TOOLS) as object });
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('Nothing was said yet.').waitFor();
  expect(await page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([1, 0]);
  expect(said).toEqual([]);
  await page.context().close();
});

/** Nothing is wider than the window, every control has a name, every text its contrast. */
async function expectWellMade(page: Page, width: number): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>('input, select, textarea, button, [role=img]')]
      .filter((one) => {
        const labels = [...(one.labels ?? [])].map(({ textContent }) => textContent);
        const name = one.getAttribute('aria-label') ?? labels.join('') + one.textContent;
        return name.trim() === '';
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 100)),
  );
  expect(nameless).toEqual([]);
  expect(await page.evaluate(lowContrast)).toEqual([]);
}

/** Texts whose contrast with what is behind them is below 4.5 to 1 (WCAG 2.2, AA). */
function lowContrast(): string[] {
  const parse = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: readonly number[]): number => {
    const [r = 0, g = 0, b = 0] = color.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: Element | null): number[] => {
    for (let one = element; one !== null; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3) return color;
    }
    return [255, 255, 255];
  };
  const found: string[] = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== '',
    );
    const isDisabled = element.matches(':disabled');
    if (!own || isDisabled || element.matches('script, style, title, noscript, option')) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.matches('svg *') ? style.fill : style.color).slice(0, 3);
    const [one, other] = [luminance(ink), luminance(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push(`${element.textContent}: ${ratio.toFixed(2)}`);
  }
  return found;
}
