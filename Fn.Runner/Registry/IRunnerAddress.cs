namespace Fn.Runner.Registry;

/// <summary>Where gateways reach this runner, once it can be reached.</summary>
internal interface IRunnerAddress
{
    string Get();
}

/// <summary>The runner is in the gateway's own process.</summary>
internal sealed class InProcessAddress : IRunnerAddress
{
    public const string Address = "in-process";

    public string Get() => Address;
}
