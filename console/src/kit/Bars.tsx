import { Box, Text, VisuallyHidden } from "@mantine/core";
import { useRef, useState, type PointerEvent } from "react";
import { number } from "~/format";

export interface Bar {
  at: string;
  label: string;
  /** Stacked from the bottom. */
  parts: { name: string; value: number; color: string }[];
}

interface BarsProps {
  label: string;
  bars: Bar[];
  height?: number;
  /** Called with the first and last bar that were brushed. */
  onBrush?: (from: Bar, to: Bar) => void;
}

/** Stacked bars over time; drag across them to choose a span. The figures are in a table for screen readers. */
export function Bars({ label, bars, height = 96, onBrush }: BarsProps) {
  const area = useRef<SVGSVGElement>(null);
  const [brush, setBrush] = useState<[number, number] | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const most = Math.max(1, ...bars.map(total));

  function indexAt(event: PointerEvent): number {
    const { left, width } = area.current!.getBoundingClientRect();
    return Math.min(bars.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * bars.length)));
  }
  function release() {
    if (brush && onBrush) onBrush(bars[Math.min(...brush)]!, bars[Math.max(...brush)]!);
    setBrush(null);
  }
  const shown = hovered === null ? undefined : bars[hovered];
  return (
    <Box pos="relative">
      <svg ref={area} viewBox={`0 0 ${Math.max(1, bars.length)} 100`} preserveAspectRatio="none" role="img" aria-label={label}
        style={{ width: "100%", height, display: "block", cursor: onBrush ? "crosshair" : undefined, touchAction: "pan-y" }}
        onPointerDown={(event) => onBrush && bars.length > 0 && (event.currentTarget.setPointerCapture(event.pointerId), setBrush([indexAt(event), indexAt(event)]))}
        onPointerMove={(event) => {
          if (!bars.length) return;
          const index = indexAt(event);
          setHovered(index);
          if (brush) setBrush([brush[0], index]);
        }}
        onPointerUp={release}
        onPointerLeave={() => setHovered(null)}>
        <line x1="0" x2={bars.length} y1="99.5" y2="99.5" stroke="var(--line)" vectorEffect="non-scaling-stroke" />
        {bars.map((bar, index) => <Column key={bar.at} bar={bar} index={index} most={most} />)}
        {brush && (
          <rect x={Math.min(...brush)} width={Math.abs(brush[0] - brush[1]) + 1} y="0" height="100" fill="var(--mantine-primary-color-filled)" opacity="0.18" />
        )}
      </svg>
      <Text size="xs" c="dimmed" mih={18} className="num truncate">
        {shown ? `${shown.label}: ${shown.parts.filter((p) => p.value).map((p) => `${p.name} ${number(p.value)}`).join(", ") || 0}`
          : bars.length ? `${bars[0]!.label} – ${bars.at(-1)!.label}` : ""}
      </Text>
      <VisuallyHidden>
        <table><caption>{label}</caption><tbody>
          {bars.filter(total).slice(0, 60).map((bar) => <tr key={bar.at}><th>{bar.label}</th><td>{total(bar)}</td></tr>)}
        </tbody></table>
      </VisuallyHidden>
    </Box>
  );
}

function Column({ bar, index, most }: { bar: Bar; index: number; most: number }) {
  let top = 100;
  return bar.parts.map(({ name, value, color }) => {
    const height = (value / most) * 98;
    top -= height;
    return <rect key={name} x={index + 0.08} width={0.84} y={top} height={height} fill={color} />;
  });
}

function total(bar: Bar): number {
  return bar.parts.reduce((sum, part) => sum + part.value, 0);
}
