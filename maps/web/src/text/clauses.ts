/** Names of standards stay as they are; the few Chinese words beside them are said in the reader's language. */

const ENGLISH: [RegExp, string][] = [
  [/设计默认值(\s*默认值)?/g, 'design default'],
  [/条文说明/g, 'commentary'],
  [/附录\s*/g, 'Annex '],
  [/表\s*(?=[\d.]+)/g, 'table '],
  [/、/g, ', '],
  [/；/g, '; '],
]

export function clauseText(clause: string, language: 'zh' | 'en'): string {
  return language === 'zh' ? clause : ENGLISH.reduce((text, [from, to]) => text.replace(from, to), clause)
}
