/** Editing a mapping: every change gives a new document, so that each is one step of undo. Same content as the file. */

import type { FieldRule, LayerRule, MappingDoc } from '../contract/intake'

export interface TableKey {
  file: string
  table: string
}

/** An attribute of one rule of the mapping; `x` and the like are places, not attributes. */
export interface Target {
  rule: number
  attribute: string
}

export const PLACES = ['x', 'y', 'end_x', 'end_y'] as const
export type Place = (typeof PLACES)[number]

export const isPlace = (name: string): name is Place => (PLACES as readonly string[]).includes(name)

/** Shell patterns as the mapping file has them: * ? [seq], whatever the case. */
export function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[.*+?^${}()|[\]\\]/gs, (found, not: string | undefined, set: string | undefined) => {
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`
    return found === '*' ? '[^]*' : found === '?' ? '[^]' : `\\${found}`
  })
  return new RegExp(`^${source}$`, 'iu').test(text)
}

/** A pattern that means exactly this text. */
export const literal = (text: string): string => text.replace(/[*?[]/g, '[$&]')

/** Places in the document of the rules that speak of a table. */
export function rulesOf(mapping: MappingDoc, { file, table }: TableKey): number[] {
  return (mapping.layer ?? []).flatMap((rule, at) => (fits(rule.file, file) && fits(rule.table, table) ? [at] : []))
}

/** What a column is used for in the rules of its table, the first place of it first. */
export function usesOf(mapping: MappingDoc, key: TableKey, column: string): Target[] {
  return rulesOf(mapping, key).flatMap((rule) => {
    const of = mapping.layer?.[rule]
    const places = PLACES.filter((place) => of?.[place] === column)
    const fields = Object.entries(of?.fields ?? {}).filter(([, field]) => columnsOf(field).includes(column))
    return [...fields.map(([attribute]) => attribute), ...places].map((attribute) => ({ rule, attribute }))
  })
}

export function columnsOf(field: FieldRule): string[] {
  if (typeof field === 'string') return [field]
  return field.columns ?? (field.column === undefined ? [] : [field.column])
}

export function fieldOf(mapping: MappingDoc, { rule, attribute }: Target): Exclude<FieldRule, string> | null {
  const field = mapping.layer?.[rule]?.fields?.[attribute]
  return field === undefined ? null : typeof field === 'string' ? { column: field } : field
}

/** Constants of a table: attributes that no column gives. */
export function constantsOf(mapping: MappingDoc, key: TableKey): (Target & { value: string })[] {
  return rulesOf(mapping, key).flatMap((rule) =>
    Object.entries(mapping.layer?.[rule]?.fields ?? {}).flatMap(([attribute, field]) =>
      typeof field !== 'string' && !columnsOf(field).length ? [{ rule, attribute, value: String(field.value ?? '') }] : [],
    ),
  )
}

/** The rows of a table become rows of this layer; of none with null. What fits the new layer too is kept by the caller's choice. */
export function withLayer(mapping: MappingDoc, key: TableKey, layer: string | null, keep: (attribute: string) => boolean): MappingDoc {
  return edited(mapping, (next) => {
    const [first, ...others] = rulesOf(next, key)
    const rules = next.layer ?? []
    if (layer === null) next.layer = rules.filter((_, at) => at !== first && !others.includes(at))
    else if (first === undefined) {
      next.layer = [...rules, { layer, file: literal(key.file), table: literal(key.table), fields: {} }]
    } else {
      const rule = rules[first]!
      rule.layer = layer
      delete rule.survey
      rule.fields = Object.fromEntries(Object.entries(rule.fields ?? {}).filter(([attribute]) => keep(attribute)))
      next.layer = rules.filter((_, at) => !others.includes(at))
    }
  })
}

/** A column becomes this attribute instead of what it was; null for nothing. */
export function withColumn(mapping: MappingDoc, key: TableKey, column: string, target: Target | null): MappingDoc {
  return edited(mapping, (next) => {
    const [former] = usesOf(next, key, column)
    const unit = former && fieldOf(next, former)?.unit
    if (former) drop(next.layer![former.rule]!, former.attribute, column)
    if (target === null) return
    const rule = next.layer?.[target.rule]
    if (!rule) return
    if (isPlace(target.attribute)) rule[target.attribute] = column
    else rule.fields = { ...rule.fields, [target.attribute]: unit ? { column, unit } : column }
  })
}

function drop(rule: LayerRule, attribute: string, column: string): void {
  if (isPlace(attribute)) {
    delete rule[attribute]
    return
  }
  const field = rule.fields?.[attribute]
  if (field === undefined) return
  const others = columnsOf(field).filter((one) => one !== column)
  if (others.length && typeof field !== 'string') {
    delete field.column
    field.columns = others
  } else delete rule.fields![attribute]
}

export function withUnit(mapping: MappingDoc, target: Target, unit: string | null): MappingDoc {
  return withField(mapping, target, (field) => {
    if (unit) field.unit = unit
    else delete field.unit
  })
}

/** A word of the source means this code of ours; null takes it back. */
export function withCode(mapping: MappingDoc, target: Target, word: string, code: string | null): MappingDoc {
  return withField(mapping, target, (field) => {
    const codes = { ...field.codes }
    if (code) codes[word] = code
    else delete codes[word]
    if (Object.keys(codes).length) field.codes = codes
    else delete field.codes
  })
}

/** All rows have this value; null takes it back. */
export function withConstant(mapping: MappingDoc, { rule, attribute }: Target, value: string | null): MappingDoc {
  return edited(mapping, (next) => {
    const of = next.layer?.[rule]
    if (!of) return
    const fields = { ...of.fields }
    if (value === null) delete fields[attribute]
    else fields[attribute] = { value }
    of.fields = fields
  })
}

/** Only rows with one of these values are taken; no values take the condition back. */
export function withWhere(mapping: MappingDoc, rule: number, column: string, values: string[]): MappingDoc {
  return edited(mapping, (next) => {
    const of = next.layer?.[rule]
    if (!of) return
    const where = { ...of.where }
    if (values.length) where[column] = values
    else delete where[column]
    if (Object.keys(where).length) of.where = where
    else delete of.where
  })
}

/** The coordinate system of one table, or (without a table) of all that state none. */
export function withCrs(mapping: MappingDoc, key: TableKey | null, crs: string): MappingDoc {
  return edited(mapping, (next) => {
    const told = key === null ? [next as { crs?: string }] : rulesOf(next, key).flatMap((rule) => next.layer?.[rule] ?? [])
    for (const one of told) {
      if (crs.trim()) one.crs = crs.trim()
      else delete one.crs
    }
  })
}

/** Whether dead ends and capped tees become tap-offs that are marked as derived. */
export function withDerived(mapping: MappingDoc, derive: boolean): MappingDoc {
  return edited(mapping, (next) => {
    if (derive) next.derive_tapoffs = true
    else delete next.derive_tapoffs
  })
}

function withField(mapping: MappingDoc, target: Target, change: (field: Exclude<FieldRule, string>) => void): MappingDoc {
  return edited(mapping, (next) => {
    const field = fieldOf(next, target)
    const rule = next.layer?.[target.rule]
    if (!field || !rule) return
    change(field)
    const plain = Object.keys(field).length === 1 && field.column !== undefined
    rule.fields = { ...rule.fields, [target.attribute]: plain ? field.column! : field }
  })
}

function edited(mapping: MappingDoc, change: (next: MappingDoc) => void): MappingDoc {
  const next = JSON.parse(JSON.stringify(mapping)) as MappingDoc
  change(next)
  return next
}
