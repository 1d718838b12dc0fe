import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** What rules can find wrong with a page: in both themes, on a desk and on a phone, and that it never scrolls sideways. */
export async function noViolations(page: Page, widths: readonly number[] = [390, 1280]): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    for (const width of widths) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: width < 720 ? 844 : 800 });
      const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
      expect(found.violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(' '))]), `${scheme} ${width}`).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${scheme} ${width} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (widths.length > 1) await page.setViewportSize({ width: 1280, height: 800 });
}
