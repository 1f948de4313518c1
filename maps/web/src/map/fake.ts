/** A map that only remembers what it was told: for tests, and for browsers or networks without a map. */

import type { Bounds, Position } from '../contract/wire'
import type { View } from '../state/permalink'
import type { DrawnChanges, DrawnClosure, DrawnFigures, DrawnMarks, DrawnPlace, DrawnRoute, DrawnSketch, MapPort } from './port'

export class FakeMap implements MapPort {
  at: View | null = null
  routes: DrawnRoute[] = []
  places: DrawnPlace[] = []
  focus: Position | null = null
  candidates = new Map<string, string>()
  pipe: string | null = null
  marks: DrawnMarks | null = null
  changes: DrawnChanges | null = null
  sketch: DrawnSketch | null = null
  figures: DrawnFigures | null = null
  closure: DrawnClosure | null = null
  uncovered: Position | null = null
  popup: Position | null = null
  fitted: Bounds | null = null
  visible: Record<string, boolean> = {}
  paint: unknown = null
  tool = 'view'
  style: Record<string, unknown> | null = null

  view(): View | null {
    return this.at
  }
  setView(view: View): void {
    this.at = view
  }
  fit(bounds: Bounds): void {
    this.fitted = bounds
  }
  uncover(position: Position): void {
    this.uncovered = position
  }
  centre(): Position | null {
    return this.at?.centre ?? null
  }
  zoomBy(steps: number): void {
    if (this.at) this.at = { ...this.at, zoom: this.at.zoom + steps }
  }
  showRoutes(routes: DrawnRoute[]): void {
    this.routes = routes
  }
  showPlaces(places: DrawnPlace[]): void {
    this.places = places
  }
  showFocus(position: Position | null): void {
    this.focus = position
  }
  showCandidates(certainty: Map<string, string>): void {
    this.candidates = certainty
  }
  focusPipe(pipeId: string): void {
    this.pipe = pipeId
  }
  showMarks(marks: DrawnMarks | null): void {
    this.marks = marks
  }
  showChanges(changes: DrawnChanges | null): void {
    this.changes = changes
  }
  showSketch(sketch: DrawnSketch | null): void {
    this.sketch = sketch
  }
  showFigures(figures: DrawnFigures | null): void {
    this.figures = figures
  }
  showClosure(closure: DrawnClosure | null): void {
    this.closure = closure
  }
  showPopup(position: Position | null): void {
    this.popup = position
  }
  setVisible(layers: string[], visible: boolean): void {
    for (const layer of layers) this.visible[layer] = visible
  }
  colourPipes(paint: unknown): void {
    this.paint = paint
  }
  setTool(tool: 'view' | 'site'): void {
    this.tool = tool
  }
  async restyle(style: Record<string, unknown>): Promise<void> {
    this.style = style
  }
}
