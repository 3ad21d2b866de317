#!/usr/bin/env python3
"""The engine from Python: the third foreign language, always run. Argument: the folder of the generated module and the library."""
import asyncio
import sys
import tempfile

sys.path.insert(0, sys.argv[1])
import fushan_grid as grid  # noqa: E402


class Keys(grid.KeyProvider):
    def __init__(self, broken=False):
        self.broken = broken

    def key_id(self):
        return "python"

    def wrap(self, key):
        return bytes(b ^ 0x5A for b in key)

    def unwrap(self, wrapped):
        if self.broken:
            raise RuntimeError("nobody foresaw this")
        return self.wrap(wrapped)


async def opened(folder, keys):
    return await grid.Engine.open(grid.EngineConfig(dir=folder), grid.Host(keys=keys))


async def refused(code, kind, call):
    try:
        result = call()
        await result if asyncio.iscoroutine(result) else None
    except kind as error:
        assert error.told.code == code, error.told.code
        assert error.told.zh and error.told.en
        return
    raise AssertionError(f"{code} was expected")


async def main(folder):
    engine = await opened(folder, Keys())
    assert engine.opened().created and grid.versions().protocol == 1
    assert engine.category_search("lddw")[0].code == "A01.03"
    await refused("invalid_id", grid.GridError.Invalid, lambda: engine.record("no id"))
    await refused("not_found", grid.GridError.NotFound, lambda: engine.record("0190a000-0000-7000-8000-000000000000"))
    await refused("not_enrolled", grid.GridError.Locked, engine.device_id)
    await refused("offline", grid.GridError.Platform, lambda: engine.enrol("http://127.0.0.1:1", "code"))
    waiting = asyncio.create_task(engine.enrol("http://127.0.0.1:1", "code"))
    await asyncio.sleep(0)
    waiting.cancel()
    engine.suspend()
    await refused("store_closed", grid.GridError.Closed, engine.day)
    engine.resume()
    assert engine.day().startswith("20")
    engine.shut_down()
    await refused("engine_closed", grid.GridError.Closed, engine.day)
    await refused("key_unavailable", grid.GridError.Locked, lambda: opened(folder, Keys(broken=True)))
    again = await opened(folder, Keys())
    assert not again.opened().created

    print("python: 11 passed, 0 failed")


with tempfile.TemporaryDirectory() as folder:
    asyncio.run(main(folder))
