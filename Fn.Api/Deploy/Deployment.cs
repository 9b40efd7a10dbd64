using Fn.Api.Functions;

namespace Fn.Api.Deploy;

/// <summary>What is to be deployed: a function as it is sent to <c>/v2/fns</c>, and what a func.yaml says beyond that.</summary>
/// <param name="Function">The function, without its name and app.</param>
/// <param name="Triggers">Triggers that it shall have; others of the function stay as they are.</param>
/// <param name="RequiredConfig">Keys of config that the app or the function must have.</param>
/// <param name="Places">Where in the text it all stands.</param>
internal sealed record Deployment(FunctionInput Function, IReadOnlyList<DeployedTrigger> Triggers, IReadOnlyList<string> RequiredConfig, FuncYamlPlaces Places);

/// <summary>A trigger of a func.yaml.</summary>
internal sealed record DeployedTrigger(string Name, string Type, string Source);

/// <summary>A deployment read, or what is wrong with its text.</summary>
internal readonly record struct DeploymentOutcome(Deployment? Deployment, string? Problem);
