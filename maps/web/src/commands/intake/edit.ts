import type { MappingDoc } from '../../contract/intake'
import { remember, stepBack, stepForward } from '../../state/history'
import { layerWord } from '../../state/intake'
import { withCode, withColumn, withConstant, withCrs, withDerived, withLayer, withUnit, withWhere, type TableKey, type Target } from '../../state/mapping'
import { always, sentenceOf, type Command, type Context } from '../command'
import { lookAgain } from './look'

/** One step of undo, written down on the server, and looked at anew. */
async function change(context: Context, next: MappingDoc): Promise<void> {
  const { intake } = context.state
  if (!intake.mapping || JSON.stringify(next) === JSON.stringify(intake.mapping)) return
  intake.history = remember(intake.history, intake.mapping)
  await write(context, next)
}

async function write(context: Context, next: MappingDoc): Promise<void> {
  const { intake } = context.state
  intake.mapping = next
  intake.check = null
  intake.error = null
  try {
    if (intake.draft) intake.draft = await context.api.setMapping(intake.draft.id, { document: next })
    await lookAgain(context)
  } catch (error) {
    intake.error = sentenceOf(context, error)
  }
}

type Edit<A> = (mapping: MappingDoc, argument: A, context: Context) => MappingDoc

function editing<A>(edit: Edit<A>): Command<A> {
  return {
    disabled: ({ state }) => (state.intake.working ? 'intake.busy' : state.intake.mapping ? null : 'intake.empty'),
    run: (context, argument) => change(context, edit(context.state.intake.mapping!, argument, context)),
  }
}

export const chooseLayer = editing<{ key: TableKey; layer: string | null }>((mapping, { key, layer }, { state }) => {
  const known = layerWord(state.intake, layer)?.attributes.map((one) => one.name) ?? []
  return withLayer(mapping, key, layer, (attribute) => known.includes(attribute))
})

export const mapColumn = editing<{ key: TableKey; column: string; target: Target | null }>((mapping, { key, column, target }) =>
  withColumn(mapping, key, column, target),
)

export const chooseUnit = editing<{ target: Target; unit: string | null }>((mapping, { target, unit }) => withUnit(mapping, target, unit))

export const mapWord = editing<{ target: Target; word: string; code: string | null }>((mapping, { target, word, code }) =>
  withCode(mapping, target, word, code),
)

export const setConstant = editing<{ target: Target; value: string | null }>((mapping, { target, value }) =>
  withConstant(mapping, target, value),
)

export const takeRows = editing<{ rule: number; column: string; values: string[] }>((mapping, { rule, column, values }) =>
  withWhere(mapping, rule, column, values),
)

export const deriveTapoffs = editing<boolean>((mapping, derive) => withDerived(mapping, derive))

export const tellCrs = editing<{ key: TableKey | null; crs: string }>((mapping, { key, crs }) => withCrs(mapping, key, crs))

export const showTable: Command<TableKey> = {
  disabled: always,
  run({ state }, { file, table }) {
    state.intake.open = { file, table }
  },
}

export const undoMapping: Command<void> = {
  disabled: ({ state }) => (state.intake.history.past.length && !state.intake.working ? null : 'app.undo'),
  run: (context) => step(context, stepBack),
}

export const redoMapping: Command<void> = {
  disabled: ({ state }) => (state.intake.history.future.length && !state.intake.working ? null : 'app.redo'),
  run: (context) => step(context, stepForward),
}

async function step(context: Context, move: typeof stepBack<MappingDoc>): Promise<void> {
  const { intake } = context.state
  const moved = intake.mapping && move(intake.history, intake.mapping)
  if (!moved) return
  intake.history = moved.history
  await write(context, moved.value)
}
