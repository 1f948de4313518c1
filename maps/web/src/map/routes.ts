/** How the routes of the options are told apart: by colour and by dashes, so that no one needs to see colours. */

export interface RouteLook {
  colour: string
  /** Lengths of line and gap in line widths; empty for an unbroken line. */
  dash: number[]
}

const INFEASIBLE = '#a3372c'
const LOOKS: RouteLook[] = [
  { colour: '#0e7a43', dash: [] },
  { colour: '#7a3fa0', dash: [3, 1.4] },
  { colour: '#b05a00', dash: [1, 1.2] },
  { colour: '#0b6e8c', dash: [4, 1.2, 1, 1.2] },
  { colour: '#8a1f5c', dash: [2, 2] },
  { colour: '#4a5a10', dash: [5, 2] },
]

/** Look of the option of this rank; an infeasible one is red whatever its rank. */
export function routeLook(rank: number, feasible: boolean): RouteLook {
  const look = LOOKS[(rank - 1) % LOOKS.length] ?? { colour: INFEASIBLE, dash: [] }
  return feasible ? look : { ...look, colour: INFEASIBLE }
}

export const LOOK_COUNT = LOOKS.length
