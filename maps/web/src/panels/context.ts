/** How a panel reaches the state, the commands' context and the words. */

import { inject, type InjectionKey } from 'vue'
import type { Command, Context } from '../commands/command'
import { isMessageKey, translate, type MessageKey, type Params } from '../messages/translate'
import type { State } from '../state/store'

export const CONTEXT: InjectionKey<Context> = Symbol('context')

export interface PanelContext {
  context: Context
  state: State
  t(key: MessageKey, params?: Params): string
  /** The words of a key put together from a code of the contract, else what stands for a code that has none. */
  named(key: string, otherwise: string): string
  run<A>(command: Command<A>, argument: A): void
  disabled<A>(command: Command<A>, argument: A): string | null
  /** The text of the present language out of a pair. */
  either(zh: string, en: string): string
}

export function usePanel(): PanelContext {
  const context = inject(CONTEXT)
  if (!context) throw new Error('panel outside the page')
  const { state } = context
  return {
    context,
    state,
    t: (key, params) => translate(state.language, key, params),
    named: (key, otherwise) => (isMessageKey(key) ? translate(state.language, key) : otherwise),
    run(command, argument) {
      if (command.disabled(context, argument) === null) void command.run(context, argument)
    },
    disabled(command, argument) {
      const reason = command.disabled(context, argument)
      return reason === null ? null : translate(state.language, reason)
    },
    either: (zh, en) => (state.language === 'zh' ? zh : en || zh),
  }
}
