/** What each file of a scheme is called, and in which group it is offered. */

import type { Language } from '../../contract/client'
import type { FileDoc } from '../../contract/life'
import type { MessageKey } from '../../messages/translate'

const NAMES: Record<string, [string, MessageKey]> = {
  'scheme.pdf': ['pdf', 'download.pdf'],
  'scheme.en.pdf': ['pdf-en', 'download.pdf-en'],
  'customer.pdf': ['customer', 'download.customer'],
  'customer.en.pdf': ['customer-en', 'download.customer-en'],
  'quote.xlsx': ['xlsx', 'download.xlsx'],
  'quote.en.xlsx': ['xlsx-en', 'download.xlsx-en'],
  'plan.dxf': ['dxf', 'download.dxf'],
  'plan.en.dxf': ['dxf-en', 'download.dxf-en'],
  'map.html': ['map', 'download.map'],
  'scheme.gpkg': ['gpkg', 'download.gpkg'],
  'scheme.json': ['json', 'download.json'],
  'model-before.inp': ['before', 'download.before'],
  'model-after.inp': ['after', 'download.after'],
  'rules-used.toml': ['rules', 'download.rules'],
  'permits/commitment.docx': ['commitment', 'download.commitment'],
  'permits/road-notice.docx': ['road-notice', 'download.road-notice'],
}

const isForm = (name: string): boolean => name.startsWith('permits/')
const isPaper = (name: string): boolean => /\.(pdf|xlsx)$/.test(name)
const isDrawing = (name: string): boolean => /\.dxf$|^map\.html$/.test(name)

export const GROUPS: { title: MessageKey; has: (name: string) => boolean }[] = [
  { title: 'download.group.paper', has: isPaper },
  { title: 'download.group.drawing', has: isDrawing },
  { title: 'download.group.forms', has: isForm },
  { title: 'download.group.data', has: (name) => !isPaper(name) && !isDrawing(name) && !isForm(name) },
]

export function wordsOf(name: string): MessageKey | null {
  return NAMES[name]?.[1] ?? null
}

export function testId(name: string): string {
  return NAMES[name]?.[0] ?? name.replace(/\W+/g, '-')
}

/** In the order of the list above; those in the reader's language first. */
export function inOrder(files: FileDoc[], language: Language): FileDoc[] {
  const names = Object.keys(NAMES)
  const place = ({ name }: FileDoc): number => {
    const at = names.includes(name) ? names.indexOf(name) : names.length
    const english = name.includes('.en.')
    return at + (english === (language === 'en') || !/\.(pdf|xlsx|dxf)$/.test(name) ? 0 : names.length)
  }
  return [...files].sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name))
}
