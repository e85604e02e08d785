import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Zoom {
  /** Bigger or smaller by a factor, around the middle of what is seen. */
  readonly by: (factor: number) => void;
  /** The whole picture in the place there is. */
  readonly fit: () => void;
}

const smallest = 0.05;
const biggest = 4;
/** Below this a label is not read any more: a picture begins at this size, around where the reader stands. */
const readable = 0.75;

/**
 * Zooms and pans an SVG picture in a place that scrolls: dragging pans, the wheel with Ctrl zooms. A picture that would
 * be too small to read begins readable, with its `.here` in the middle.
 */
export function useZoom(place: RefObject<HTMLDivElement | null>, drawn: string): Zoom {
  const scale = useRef(1);
  const size = (): { svg: SVGSVGElement; width: number } | undefined => {
    const svg = place.current?.querySelector('svg');
    return svg === null || svg === undefined ? undefined : { svg, width: svg.viewBox.baseVal.width };
  };
  const set = (wanted: number): void => {
    const found = size();
    if (found === undefined || found.width === 0) return;
    scale.current = Math.min(biggest, Math.max(smallest, wanted));
    found.svg.style.width = `${found.width * scale.current}px`;
    found.svg.style.maxWidth = 'none';
  };
  const fitting = (): number => {
    const width = size()?.width ?? 0;
    return width === 0 ? 1 : Math.min(1.33, ((place.current?.clientWidth ?? width) - 4) / width);
  };
  const by = (factor: number): void => {
    const box = place.current;
    if (box === null) return;
    const [x, y] = [box.scrollLeft + box.clientWidth / 2, box.scrollTop + box.clientHeight / 2];
    const before = scale.current;
    set(before * factor);
    const grown = scale.current / before;
    box.scrollTo(x * grown - box.clientWidth / 2, y * grown - box.clientHeight / 2);
  };
  useEffect(() => {
    const box = place.current;
    if (box === null || drawn === '') return;
    set(Math.max(fitting(), readable));
    const here = box.querySelector('.here')?.getBoundingClientRect();
    if (here === undefined) return;
    const edge = box.getBoundingClientRect();
    box.scrollTo(
      box.scrollLeft + here.left - edge.left + here.width / 2 - box.clientWidth / 2,
      box.scrollTop + here.top - edge.top + here.height / 2 - box.clientHeight / 2,
    );
  }, [drawn]);
  useEffect(() => {
    const box = place.current;
    if (box === null) return undefined;
    let grip: { x: number; y: number } | undefined;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      by(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    };
    const onDown = (event: PointerEvent): void => {
      if (event.pointerType === 'mouse' && event.button === 0)
        grip = { x: event.clientX, y: event.clientY };
    };
    const onMove = (event: PointerEvent): void => {
      if (grip === undefined) return;
      box.scrollBy(grip.x - event.clientX, grip.y - event.clientY);
      grip = { x: event.clientX, y: event.clientY };
    };
    const onUp = (): void => void (grip = undefined);
    box.addEventListener('wheel', onWheel, { passive: false });
    box.addEventListener('pointerdown', onDown);
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', onUp);
    return () => {
      box.removeEventListener('wheel', onWheel);
      box.removeEventListener('pointerdown', onDown);
      removeEventListener('pointermove', onMove);
      removeEventListener('pointerup', onUp);
    };
  }, []);
  return { by, fit: () => set(fitting()) };
}
