// What a user does in the workbench, in the workbench's own words. Everything waits until it is so.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { checkout } from './server.mjs';

const artifacts = path.join(checkout, 'test-artifacts', 'editor');

export class Workbench {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
  }

  /** Opens a folder in a new page, and waits for the explorer. */
  static async open(browser, editor, { width = 1440, height = 900 } = {}) {
    const page = await browser.newPage({ viewport: { width, height } });
    page.setDefaultTimeout(30_000);
    await page.goto(`${editor.origin}/?folder=${editor.workspace}`);
    await page.locator('.part.sidebar .explorer-folders-view').waitFor();
    return new Workbench(page);
  }

  /** Keeps a picture of the whole window. */
  async screenshot(name) {
    mkdirSync(artifacts, { recursive: true });
    // Notifications and menus fade in.
    await this.page.waitForTimeout(500);
    await this.page.screenshot({ path: path.join(artifacts, `${name}.png`) });
  }

  get #quickInput() {
    return this.page.locator('.quick-input-widget input[type=text]').first();
  }

  /** Runs a command by its title in the palette. */
  async command(title) {
    await this.page.keyboard.press('F1');
    await this.#quickInput.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.#quickInput.waitFor({ state: 'hidden' });
  }

  /** The titles that the palette offers for a search. */
  async commandTitles(search) {
    await this.page.keyboard.press('F1');
    await this.#quickInput.fill(`>${search}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: search }).first().waitFor();
    const titles = await this.page.locator('.quick-input-list .monaco-list-row .label-name').allTextContents();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Opens a file of the workspace by its path, and puts the cursor at the start of a line (from 1) and column. */
  async openFile(file, line = 1, column = 1) {
    const name = path.basename(file);
    await this.page.keyboard.press('Control+P');
    await this.#quickInput.fill(file);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.activeTab(name).waitFor();
    await this.goTo(line, column);
  }

  /** Puts the cursor somewhere in the active editor. */
  async goTo(line, column = 1) {
    const entry = this.page.locator('.quick-input-list .monaco-list-row', { hasText: `line ${line} at column` });
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('Control+G');
      await this.#quickInput.fill(`:${line}:${column}`);
      try {
        // Enter does nothing until the entry is there; there is none while an editor is still being opened.
        await entry.waitFor({ timeout: 3000 });
        break;
      } catch (error) {
        if (attempt === 8) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
    await this.page.keyboard.press('Enter');
    await this.#quickInput.waitFor({ state: 'hidden' });
    await this.page.locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` }).waitFor();
  }

  activeTab(name) {
    return this.page.locator(`.tab[data-resource-name="${name}"].active`);
  }

  /** The editor that shows a file. */
  editor(name) {
    return this.page.locator(`.monaco-editor[data-uri$="${name}"]`);
  }

  /** A line of a file on the screen, found by its text. */
  line(name, text) {
    return this.editor(name).locator('.view-line', { hasText: text }).first();
  }

  /**
   * The rows of the Problems panel that contain a text. Opens the panel and filters it by the text: only rows in sight
   * exist in the page.
   */
  async problems(text) {
    await this.command('Problems: Focus on Problems View');
    await this.page.locator('.pane-composite-part.panel .monaco-inputbox input').first().fill(text);
    return this.page.locator('.markers-panel .monaco-list-row', { hasText: text });
  }

  /** Shows the hover at the cursor; resolves to the place where its text stands. */
  async hoverAtCursor() {
    await this.command('Show or Focus Hover');
    const hover = this.page.locator('.monaco-hover:visible').first();
    await hover.waitFor();
    return hover;
  }

  /** Puts the cursor somewhere, and opens the menu of code actions there by its lightbulb. */
  async openLightbulb(name, line, column) {
    await this.activeTab(name).click();
    await this.goTo(line, column);
    const bulb = this.editor(name)
      .locator('[class*="codicon-gutter-lightbulb"], [class*="codicon-light-bulb"], [class*="codicon-lightbulb"]')
      .first();
    await bulb.waitFor();
    await bulb.click();
    await this.page.locator('.action-widget .monaco-list-row').first().waitFor();
  }

  /** The titles in the open menu of code actions. */
  async actionTitles() {
    return this.page.locator('.action-widget .monaco-list-row.action').allTextContents();
  }

  /** Chooses an entry of the open menu. With the keyboard: an overlay may swallow a click. */
  async chooseAction(title) {
    const entry = this.page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    await entry.waitFor();
    for (let step = 0; !/\bfocused\b/.test((await entry.getAttribute('class')) ?? ''); step++) {
      if (step > 30) throw new Error(`the entry "${title}" cannot be reached`);
      await this.page.keyboard.press('ArrowDown');
    }
    await this.page.keyboard.press('Enter');
    await entry.waitFor({ state: 'hidden' });
  }

  /** Saves the active file, which has changes, and waits until its tab is clean. */
  async save() {
    await this.page.locator('.tab.active.dirty').waitFor();
    await this.page.keyboard.press('Control+S');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  /** A notification (toast) that contains a text. */
  notification(text) {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  /** The document inside the visible webview, for instance a Markdown preview. */
  webview() {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  }
}

/** Waits until `probe` gives something truthy, and resolves to it. */
export async function until(what, probe, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
