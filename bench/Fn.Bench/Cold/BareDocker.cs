using System.Diagnostics;
using Docker.DotNet;
using Docker.DotNet.Models;
using Fn.Runner.Containers;
using Fn.Runner.Drivers.Docker;

namespace Fn.Bench.Cold;

/// <summary>An engine as somebody calls it who needs nothing but the answer: create the same container, attach to its streams, start it.</summary>
internal sealed class BareDocker(string host) : IDisposable
{
    private readonly DockerClient _client = new DockerClientBuilder().WithEndpoint(new Uri(host)).Build();
    private int _runs;

    /// <summary>Milliseconds from the request to create it to the first answer.</summary>
    public async Task<double> RunAsync(CancellationToken cancel)
    {
        var parameters = DockerContainerSpec.Create(ColdBench.Spec($"bare-docker-{++_runs}"), new ContainerOptions(), new DockerOptions { Host = host }, useImageUser: false);
        var begun = Stopwatch.GetTimestamp();
        var container = (await _client.Containers.CreateContainerAsync(parameters, cancel)).ID;
        using var streams = await _client.Containers.AttachContainerAsync(container, new ContainerAttachParameters { Stream = true, Stdin = true, Stdout = true }, cancel);
        await _client.Containers.StartContainerAsync(container, null, cancel);
        await using var input = new DockerInput(streams);
        await using var output = new DockerOutput(streams);
        await FirstAnswer.ReadAsync(input, output, cancel);
        var took = FirstAnswer.Millis(begun);
        await _client.Containers.RemoveContainerAsync(container, new ContainerRemoveParameters { Force = true }, cancel);
        return took;
    }

    public void Dispose() => _client.Dispose();
}
