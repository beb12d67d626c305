/** A label to place on a line: where its centre should be, and how wide it is, in pixels. */
export interface LabelWish {
  readonly centre: number;
  readonly width: number;
}

interface Group {
  readonly members: readonly LabelWish[];
  readonly width: number;
  readonly left: number;
}

/**
 * Places labels side by side on one line.
 *
 * @param wishes - in any order.
 * @param from - the left end of the line.
 * @param to - the right end; the line must be as long as all labels with gaps between them.
 * @param gap - the least distance between two labels.
 * @returns the centre of each label, in the order of `wishes`: within the line, not overlapping, in the order of the
 * wished centres. Labels that are in each other's way share the shift between them.
 */
export function placeLabels(wishes: readonly LabelWish[], from: number, to: number, gap: number): number[] {
  const grouped: Group[] = [];
  for (const wish of wishes.toSorted((a, b) => a.centre - b.centre)) {
    let group = groupOf([wish], from, to, gap);
    for (let before = grouped.at(-1); before !== undefined && before.left + before.width + gap > group.left; before = grouped.at(-1)) {
      grouped.pop();
      group = groupOf([...before.members, ...group.members], from, to, gap);
    }
    grouped.push(group);
  }
  const centres = new Map(grouped.flatMap((group) => centresOf(group, gap)));
  return wishes.map((wish) => centres.get(wish) ?? wish.centre);
}

/** Labels that touch move as one: to where the sum of their squared shifts is smallest, within the line. */
function groupOf(members: readonly LabelWish[], from: number, to: number, gap: number): Group {
  let width = -gap;
  let wishedLefts = 0;
  for (const member of members) {
    wishedLefts += member.centre - member.width / 2 - (width + gap);
    width += member.width + gap;
  }
  const left = Math.max(from, Math.min(to - width, wishedLefts / members.length));
  return { members, width, left };
}

function centresOf(group: Group, gap: number): [LabelWish, number][] {
  let left = group.left;
  return group.members.map((member) => {
    const centre = left + member.width / 2;
    left += member.width + gap;
    return [member, centre];
  });
}
