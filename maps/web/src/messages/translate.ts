/** Sentences by key in the language of the moment. */

import type { Language } from '../contract/client'
import { en } from './en'
import { zh } from './zh'

export type MessageKey = keyof typeof zh
export type Params = Record<string, string | number>

const BOOKS: Record<Language, Record<MessageKey, string>> = { zh, en }

export function translate(language: Language, key: MessageKey, params: Params = {}): string {
  // a code that a later release of the server writes has no word yet: it is shown as it is
  const words: string | undefined = BOOKS[language][key]
  return (words ?? key.split('.').pop() ?? key).replace(/\{(\w+)\}/g, (place, name: string) =>
    name in params ? String(params[name]) : place,
  )
}

export function isMessageKey(key: string): key is MessageKey {
  return key in zh
}
