import type { MappingDoc } from '../../contract/intake'
import type { Context } from '../command'
import { lookAgain } from './look'

/** Work with this mapping from here on; one that is only proposed is written down first. */
export async function takeMapping(context: Context, mapping: MappingDoc, proposed: boolean): Promise<void> {
  const { intake } = context.state
  intake.mapping = mapping
  const tables = intake.suggestion?.tables ?? []
  intake.open ??= tables.find((one) => one.layer === 'pipes') ?? tables.find((one) => one.layer) ?? tables[0] ?? null
  if (intake.open) intake.open = { file: intake.open.file, table: intake.open.table }
  if (proposed && intake.draft) intake.draft = await context.api.setMapping(intake.draft.id, { document: mapping })
  void lookAgain(context)
}
