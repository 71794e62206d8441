import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

type Axe = {
  run(
    where: Document,
    options: { runOnly: string[] },
  ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
};

/** What breaks a rule of WCAG 2.2 AA, as far as a program can tell: the rule and the elements. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async (runOnly) => {
    const { axe } = window as unknown as { axe: Axe };
    const { violations } = await axe.run(document, { runOnly });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((it) => `${id}: ${it.html.slice(0, 160)} ${it.failureSummary ?? ''}`),
    );
  }, RULES);
}

/** What somebody who looks would complain of: things cut off, too small to hit, lying over one another. */
export function findLayoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SMALLEST_TARGET = 24;
    const faults: string[] = [];
    const tell = (what: string, element: Element, more = ''): void => {
      const text = (element.textContent ?? '').trim().replaceAll(/\s+/g, ' ').slice(0, 40);
      faults.push(
        `${what}: <${element.tagName.toLowerCase()} class="${element.className}"> "${text}" ${more}`.trim(),
      );
    };

    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth)
      tell('scrolls sideways', root, `${root.scrollWidth} > ${root.clientWidth}`);

    type Box = { left: number; top: number; right: number; bottom: number };
    const intersect = (a: Box, b: Box): Box => ({
      left: Math.max(a.left, b.left),
      top: Math.max(a.top, b.top),
      right: Math.min(a.right, b.right),
      bottom: Math.min(a.bottom, b.bottom),
    });
    const isSeen = (box: Box): boolean => box.right - box.left > 1 && box.bottom - box.top > 1;
    const screen: Box = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };

    /** As much of a box as its ancestors and the window let through. */
    function clip(box: Box, element: Element): Box {
      let seen = intersect(box, screen);
      for (let it: Element | null = element; it && it !== document.body; it = it.parentElement) {
        const style = getComputedStyle(it);
        if (style.overflowX !== 'visible' || style.clipPath !== 'none')
          seen = intersect(seen, it.getBoundingClientRect());
        if (style.position === 'fixed') break;
      }
      return seen;
    }
    /** What lies over a point of an element, if that is none of its own. */
    function overAt(x: number, y: number, element: Element): Element | null {
      const over = document.elementFromPoint(x, y);
      return over === null || element.contains(over) || over.contains(element) ? null : over;
    }
    /** Belongs to a panel that is open over the element, or to what stays in sight while the page scrolls. */
    function isLayer(over: Element, element: Element): boolean {
      for (let it: Element | null = over; it && !it.contains(element); it = it.parentElement) {
        if (it.tagName === 'DIALOG') return true;
        const { position, zIndex } = getComputedStyle(it);
        if (position !== 'static' && zIndex !== 'auto') return true;
      }
      return false;
    }
    function isUnderLayer(box: Box, element: Element): boolean {
      const y = (box.top + box.bottom) / 2;
      const middle = (box.left + box.right) / 2;
      return [box.left + 1, middle, box.right - 1].some((x) => {
        const over = overAt(x, y, element);
        return over !== null && isLayer(over, element);
      });
    }

    // Words and numbers that are cut off. Only the quote of a symbol may be, and what says so by its class.
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      if ((element.textContent ?? '').trim() === '' || element.closest('.sr-only, [hidden]')) continue;
      const { overflowX } = getComputedStyle(element);
      if (overflowX === 'visible' || overflowX === 'auto' || overflowX === 'scroll') continue;
      if (element.scrollWidth <= element.clientWidth || element.classList.contains('cut')) continue;
      if (element.clientWidth <= 1) continue;
      if (!element.matches('.symbol') && !element.querySelector(':scope .symbol')) tell('clipped', element);
    }
    // An ellipsis would stand in for what is cut, so the whole name is measured beside it.
    for (const base of document.querySelectorAll('.symbol > b')) {
      const whole = base.cloneNode(true) as HTMLElement;
      whole.style.cssText = 'position: absolute; visibility: hidden; white-space: nowrap';
      base.parentElement!.append(whole);
      const missing = whole.offsetWidth - base.parentElement!.clientWidth;
      whole.remove();
      if (base.parentElement!.clientWidth > 0 && missing > 1) tell('clipped', base, `by ${missing}`);
    }

    // What is to be hit.
    const targets = 'a[href], button, input, select, textarea, summary, [role="button"]';
    for (const element of document.querySelectorAll<HTMLElement>(targets)) {
      // Links within a sentence are as high as its lines.
      if (
        element.closest('p') &&
        getComputedStyle(element).display.startsWith('inline') &&
        element.tagName === 'A'
      )
        continue;
      const whole = (element.closest('label') ?? element).getBoundingClientRect();
      const box = clip(whole, element);
      // The content of closed details has a box, which is not painted.
      if (!isSeen(box) || !element.checkVisibility() || element.matches(':disabled')) continue;
      if (Math.min(whole.width, whole.height) < SMALLEST_TARGET)
        tell('small', element, `${whole.width}×${whole.height}`);
      const over = overAt(
        (box.left + box.right) / 2,
        (box.top + box.bottom) / 2,
        element.closest('label') ?? element,
      );
      if (over !== null && !isLayer(over, element))
        tell('covered', element, `by ${over.tagName} ${over.className}`);
    }

    // Words over words.
    const words: { box: Box; node: Node }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement!;
      const text = node.textContent!.trim();
      if (text === '' || element.closest('.sr-only, option, script, noscript')) continue;
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const box = clip(rect, element);
        if (isSeen(box) && !isUnderLayer(box, element)) words.push({ box, node });
      }
    }
    words.forEach((one, i) => {
      for (const other of words.slice(i + 1)) {
        if (one.node === other.node) continue;
        const common = intersect(one.box, other.box);
        if (common.right - common.left > 2 && common.bottom - common.top > 3)
          tell('overlaps', one.node.parentElement!, `with "${other.node.textContent!.slice(0, 40)}"`);
      }
    });
    return faults;
  });
}

/** Whether a text is drawn with signs of its own, and not with one box for each that no font has. */
export function hasGlyphs(page: Page, text: string): Promise<boolean> {
  return page.evaluate((signs) => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    const draw = (sign: string): string => {
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.font = `24px ${getComputedStyle(document.body).fontFamily}`;
      context.fillText(sign, 10, 40);
      return context.getImageData(0, 0, 60, 60).data.join(',');
    };
    const each = Array.from(signs);
    return new Set([...each, '\u{10FFFE}'].map(draw)).size === each.length + 1;
  }, text);
}
