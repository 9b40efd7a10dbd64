namespace Fn.Runner;

/// <summary>What runs images that are not <c>process:</c>.</summary>
internal enum ContainerDriverKind
{
    /// <summary>What is there: a Docker engine.</summary>
    Auto,

    /// <summary>A Docker engine (<c>Fn:Docker</c>).</summary>
    Docker,

    /// <summary>Nothing: such functions cannot be called.</summary>
    None,
}
