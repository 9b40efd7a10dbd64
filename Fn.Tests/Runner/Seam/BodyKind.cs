namespace Fn.Tests.Runner.Seam;

/// <summary>The ways a body travels.</summary>
public enum BodyKind
{
    None,
    Buffered,
    Streamed,
}
