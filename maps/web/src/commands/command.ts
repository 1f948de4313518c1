/** One user action is one command: panels, keys and touch share it. */

import { Failure, type Api } from '../contract/client'
import type { MapPort } from '../map/port'
import { translate, type MessageKey, type Params } from '../messages/translate'
import { remember } from '../state/history'
import { snapshot, type State } from '../state/store'

export interface Context {
  state: State
  api: Api
  map: MapPort
  /** Waits; replaced in tests. */
  pause(milliseconds: number): Promise<void>
  /** What stops the running computation: here, and on the server. */
  waiting: { scheme: AbortController | null; job: string | null; upload: AbortController | null; look: boolean }
  /** Opens the page anew, where nothing less will do. */
  reopen(): void
  /** Puts text on the clipboard; false where the browser does not let us. */
  copy(text: string): Promise<boolean>
}

export interface Command<A> {
  /** Why it cannot run now, as a message key; null when it can. */
  disabled(context: Context, argument: A): MessageKey | null
  run(context: Context, argument: A): void | Promise<void>
}

export const always = (): null => null

export function say(context: Context, key: MessageKey, params: Params = {}): void {
  context.state.spoken = translate(context.state.language, key, params)
}

export function sentenceOf(context: Context, error: unknown): string {
  const { language } = context.state
  if (error instanceof Failure) {
    if (error.kind === 'unreachable') return translate(language, 'error.unreachable')
    return error.sentence[language] || translate(language, 'error.unknown', { status: error.status })
  }
  return translate(language, 'error.unknown', { status: '—' })
}

/** Make the present state the step that undo goes back to. */
export function keepForUndo(context: Context): void {
  context.state.history = remember(context.state.history, snapshot(context.state))
}
