import type { Form } from '../state/form'
import { always, keepForUndo, type Command } from './command'

/** Change fields of the form; figures already computed become outdated by themselves. */
export const editForm: Command<Partial<Form>> = {
  disabled: always,
  run(context, change) {
    keepForUndo(context)
    Object.assign(context.state.form, change)
  },
}
