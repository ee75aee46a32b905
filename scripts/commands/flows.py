"""`elderline flows`: every conversation as a graph, made by talking to the code that runs."""

from __future__ import annotations

from pathlib import Path

import click
from structlog.testing import capture_logs

from ivr.flows.registry import FLOWS, FlowRegistry
from ivr.graph.drawing import FORMS, as_json, mermaid, picture
from ivr.graph.explorer import Graph, explore
from scripts.rehearsal.worlds import SETTINGS, all_worlds

_NAMES = tuple(FlowRegistry(FLOWS).flows)


@click.command("flows")
@click.option("--format", "form", type=click.Choice([*FORMS, "json"]), default="mermaid", show_default=True)
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), help="Write a page for each flow there.")
@click.argument("flow", required=False, type=click.Choice(_NAMES))
def flows_command(form: str, write: Path | None, flow: str | None) -> None:
    """Print the graph of FLOW, or of every conversation.

    It is made by talking to the flows themselves, with real services on a throw-away database, and doing at each
    question everything that a caller can do. 0 (a person) and 9 (SOS) are drawn only where they do something else.
    """
    graphs = graphs_of(flow)
    for graph in graphs:
        for cut in graph.cuts:
            click.echo(f"cut: {graph.flow}: {cut}", err=True)
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for graph in graphs:
            (write / f"{graph.flow}.md").write_text(page(graph), encoding="utf-8")
        click.echo(f"{len(graphs)} pages in {write}")
    elif form == "json":
        click.echo(as_json(graphs))
    else:
        click.echo("\n".join(FORMS[form](picture(graph)) for graph in graphs), nl=False)


def graphs_of(flow: str | None = None) -> list[Graph]:
    """Explore one conversation, or all, in all worlds that there are for it."""
    settings = tuple(each for each in SETTINGS if flow is None or FlowRegistry([each.flow]).flows.get(flow))
    # What the flows log is part of the experiment: in some worlds the database is away.
    with capture_logs(), all_worlds(settings) as worlds:
        explored = explore(worlds)
    return [explored.graphs[name] for name in sorted(explored.graphs)]


def page(graph: Graph) -> str:
    """The page of one conversation in docs/flows."""
    return f"# {graph.flow}\n\n```mermaid\n{mermaid(picture(graph))}```\n"
