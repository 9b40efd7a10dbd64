namespace Fn.Runner;

/// <summary>What runs images that are not <c>process:</c>.</summary>
internal enum ContainerDriverKind
{
    /// <summary>What is there when the runner starts: a Docker engine, else an OCI runtime, else the Docker engine that may come.</summary>
    Auto,

    /// <summary>A Docker engine (<c>Fn:Docker</c>).</summary>
    Docker,

    /// <summary>An OCI runtime, crun or runc, without an engine (<c>Fn:Oci</c>).</summary>
    Oci,

    /// <summary>Nothing: such functions cannot be called.</summary>
    None,
}
