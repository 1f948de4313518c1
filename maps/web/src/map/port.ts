/** What the page asks of a map. Only engine.ts knows which library draws it; tests use fake.ts. */

import type { ChangeKind } from '../contract/data'
import type { FigureClassDoc, RunKind } from '../contract/hydraulics'
import type { SketchFeature } from '../contract/intake'
import type { Bounds, LineGeometry, Position } from '../contract/wire'
import type { View } from '../state/permalink'

export interface MapFeature {
  layer: string
  properties: Record<string, string | number | boolean>
}

export interface MapClick {
  position: Position
  feature: MapFeature | null
}

export interface DrawnRoute {
  rank: number
  selected: boolean
  feasible: boolean
  /** It is the second inlet of the option that is selected. */
  second?: boolean
  geometry: LineGeometry
}

export interface DrawnPlace {
  kind: 'site' | 'tie-in' | 'neighbour' | 'below'
  position: Position
  label: string
}

/** A clicked mark; without an id it stands for several issues. */
export interface MarkHit {
  id: string | null
  position: Position
}

/** Issues of a version: where their tiles are, and the keys of the kinds to show. */
export interface DrawnMarks {
  tiles: string
  shown: string[]
}

/** Differences of two versions: where their tiles are, which kinds to show, and `layer/id` of the one pointed at. */
export interface DrawnChanges {
  tiles: string
  shown: ChangeKind[]
  row: string | null
}

/** Features of an import on its way, and the layer that is looked at. */
export interface DrawnSketch {
  features: SketchFeature[]
  layer: string | null
}

/** Computed figures of the whole network: where their tiles are, their classes, and which of them to draw. */
export interface DrawnFigures {
  kind: RunKind
  tiles: string
  classes: FigureClassDoc[]
  shown: number[]
}

/** Pipes without water and the valves to shut, those that do not turn among them. */
export interface DrawnClosure {
  pipes: string[]
  valves: { id: string; position: Position; failed: boolean }[]
}

export interface MapPort {
  view(): View | null
  setView(view: View): void
  /** Brings a part of the map into view, beside what covers so much of its left edge. */
  fit(bounds: Bounds, coveredPx?: number): void
  /** Brings a place out from under what lies over the left edge of the map. */
  uncover(position: Position, coveredPx: number): void
  centre(): Position | null
  zoomBy(steps: number): void
  showRoutes(routes: DrawnRoute[]): void
  showPlaces(places: DrawnPlace[]): void
  showFocus(position: Position | null): void
  showCandidates(certainty: Map<string, string>): void
  /** Marks a pipe and goes there. */
  focusPipe(pipeId: string, position: Position | null): void
  showMarks(marks: DrawnMarks | null): void
  showChanges(changes: DrawnChanges | null): void
  /** Draws an import that is not one yet, above a network that steps back. */
  showSketch(sketch: DrawnSketch | null): void
  showFigures(figures: DrawnFigures | null): void
  showClosure(closure: DrawnClosure | null): void
  /** Holds an element of the page at a place of the map; null takes it away. */
  showPopup(position: Position | null, content: HTMLElement): void
  setVisible(layers: string[], visible: boolean): void
  colourPipes(paint: unknown): void
  setTool(tool: 'view' | 'site'): void
  restyle(style: Record<string, unknown>): Promise<void>
}
