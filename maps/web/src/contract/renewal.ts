/** Brings a renewal answer to one shape: lists of causes, evidence in both languages, certainty by word. */

import type { Candidate, CandidateMatch, Decision, RenewalDoc } from './resources'
import type { Position } from './wire'

export type Certainty = 'certain' | 'possible' | 'unknown'
export type CauseDegree = 'certain' | 'possible'

type Loose = Record<string, unknown>

export function readRenewal(body: unknown): RenewalDoc {
  const doc = (body ?? {}) as Loose
  const rows = Array.isArray(doc.candidates) ? (doc.candidates as Loose[]) : []
  return {
    run: (doc.run as Record<string, unknown> | null) ?? null,
    counts: (doc.counts as Record<string, unknown> | undefined) ?? {},
    candidates: rows.map(readCandidate),
  }
}

function readCandidate(row: Loose): Candidate {
  return {
    pipe_id: String(row.pipe_id),
    rule_class: text(row.rule_class ?? row.class),
    rule_label: pair(row, 'rule_label'),
    certainty: certaintyOf(row),
    causes: causesOf(row.causes),
    evidence: pair(row, 'evidence'),
    score: number(row.score),
    length_m: number(row.length_m),
    dn: number(row.dn),
    material: text(row.material) || null,
    install_year: number(row.install_year),
    road_name: text(row.road_name) || null,
    position: positionOf(row),
    matches: Array.isArray(row.matches) ? (row.matches as Loose[]).map(readMatch) : [],
    outcome: pair(row, 'outcome'),
    sentence: pair(row, 'sentence'),
    status: text(row.status) || 'candidate',
    decision: readDecision(row.decision),
  }
}

function certaintyOf(row: Loose): Certainty {
  const value = row.certainty ?? row.class
  return value === 'possible' || value === 'unknown' ? value : 'certain'
}

function causesOf(value: unknown): Record<string, CauseDegree> {
  if (Array.isArray(value)) return Object.fromEntries(value.map((cause) => [String(cause), 'certain' as const]))
  return (value as Record<string, CauseDegree> | null) ?? {}
}

function readMatch(row: Loose): CandidateMatch {
  return {
    programme_id: text(row.programme_id),
    kind: text(row.programme_kind ?? row.kind),
    kind_label: pair(row, row.programme_kind_zh === undefined ? 'kind' : 'programme_kind'),
    name: text(row.programme_name ?? row.name) || null,
    overlap_m: number(row.overlap_m),
    window_from: text(row.window_from) || null,
    window_to: text(row.window_to) || null,
    feasible: typeof row.feasible === 'boolean' ? row.feasible : null,
  }
}

function readDecision(value: unknown): Decision | null {
  const row = value as Loose | null | undefined
  const kind = row?.decision
  if (!row || (kind !== 'pin' && kind !== 'defer' && kind !== 'dismiss')) return null
  return {
    decision: kind,
    reason: text(row.reason),
    until: text(row.until) || null,
    author: text(row.author) || null,
    decided: text(row.decided) || null,
  }
}

function positionOf(row: Loose): Position | null {
  const value = row.position
  return Array.isArray(value) && value.length === 2 ? [Number(value[0]), Number(value[1])] : null
}

/** `<name>_zh` and `<name>_en`, or one text for both. */
function pair(row: Loose, name: string): { zh: string; en: string } {
  const zh = text(row[`${name}_zh`] ?? row[name])
  return { zh, en: text(row[`${name}_en`]) || zh }
}

const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value))
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)
