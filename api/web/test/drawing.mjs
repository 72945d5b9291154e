// What is drawn lies on what the camera shows.
import assert from 'node:assert/strict';
import { createServer } from 'vite';

const vite = await createServer({
  configFile: false,
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { changeOf, shapesOf } = await vite.ssrLoadModule('/src/setup/drawing.ts');
  const door = [
    [0.2, 0.5],
    [0.99, 0.5],
  ];
  const hall = [
    [0, 0],
    [0.5, 0],
    [0.5, 0.5],
  ];
  const camera = {
    version: 3,
    lines: [{ id: 'door', points: door }],
    zones: [{ id: 'hall', points: hall }],
    privacy: { pixelate: 'heads', masks: [hall] },
    status: { state: 'online' },
  };
  const written = camera => changeOf(shapesOf(camera), camera);
  assert.deepEqual(written(camera).lines, camera.lines);

  // It has sagged: everything is where it is seen now, and nothing is beside the picture.
  const sagged = { ...camera, status: { state: 'online', shift: [0.03, -0.02] } };
  const moved = [
    [0.03, 0],
    [0.53, 0],
    [0.53, 0.48],
  ];
  const { lines, zones, privacy } = written(sagged);
  assert.deepEqual(lines[0].points, [
    [0.23, 0.48],
    [1, 0.48],
  ]);
  assert.deepEqual(zones[0].points, moved);
  assert.deepEqual(privacy, { pixelate: 'heads', masks: [moved] });

  // What was saved a moment ago lies there already, whatever was last heard of the camera.
  assert.deepEqual(shapesOf(sagged, [])[0].points, door);
} finally {
  await vite.close();
}
