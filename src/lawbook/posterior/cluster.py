"""Work that is cut into tasks: here, one after the other, or on the workers of a Dask cluster."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lawbook.errors import FitError, given

CONNECTING = 10  # seconds to wait for a scheduler
RETRIES = 3  # of a task whose worker died


@contextmanager
def connected(scheduler: str | None) -> Iterator[Any]:
    """Yield a client of a Dask cluster; None where no address is given.

    Raises
    ------
    FitError
        If Dask is not installed, or no scheduler answers at the address.
    """
    if scheduler is None:
        yield None
        return
    distributed = _distributed()
    try:
        client = distributed.Client(scheduler, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        raise FitError(
            f"{given('scheduler', scheduler)}: no scheduler of Dask answers there "
            f"({type(error).__name__}); expected an address as tcp://host:8786; start one by "
            "dask scheduler, or correct the address"
        ) from error
    with client:
        yield client


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise FitError(
            "Dask: it is not installed; expected the extra that computes on a cluster; install it "
            "by pip install 'lawbook[dask]'"
        ) from error
    return distributed


def answers[Task: Hashable, Answer](
    client: Any, work: Callable[..., Answer], tasks: Mapping[Task, tuple[Any, ...]]
) -> Iterator[tuple[Task, Answer]]:
    """Yield what each task found, in the order in which they end.

    Parameters
    ----------
    client
        A ``distributed.Client``; ``None`` to work here.
    work
        A function of a module, which workers import.
    tasks
        The arguments of each.

    Raises
    ------
    FitError
        If a task ends several workers.
    """
    if client is None:
        for task, given_to in tasks.items():
            yield task, work(*given_to)
        return
    distributed = _distributed()
    futures = {
        client.submit(work, *given_to, pure=False, retries=RETRIES): task
        for task, given_to in tasks.items()
    }
    try:
        for future in distributed.as_completed(list(futures)):
            yield futures[future], future.result()
            future.release()  # what was taken need not stay on the cluster
    except distributed.KilledWorker as error:
        raise FitError(
            f"Dask: several workers died at the same task ({error.last_worker} was the last); "
            "expected workers with enough memory; give them more, and call again"
        ) from error
    finally:
        client.cancel(list(futures))
