import { Component, type ComponentChildren } from 'preact';

/** Keeps a crash in one part from taking the rest along. */
export class Boundary extends Component<{ children: ComponentChildren; fallback: ComponentChildren; of?: unknown }, { broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidCatch(error: unknown) {
    console.error(error);
  }

  /** Other contents deserve another try. */
  override componentDidUpdate(before: { of?: unknown }) {
    if (this.state.broken && before.of !== this.props.of) this.setState({ broken: false });
  }

  render() {
    return this.state.broken ? this.props.fallback : this.props.children;
  }
}
