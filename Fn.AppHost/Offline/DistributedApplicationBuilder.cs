using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Fn.AppHost.Offline;

internal interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }

    string AppHostDirectory { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IResourceBuilder<ParameterResource> AddParameter(string name, GenerateParameterDefault value, bool secret = false);

    IResourceBuilder<RedisResource> AddRedis(string name);

    IResourceBuilder<ProjectResource> AddProject<TProject>(string name)
        where TProject : IProjectMetadata, new();

    DistributedApplication Build();
}

/// <summary>Whether the application is run or published. The stand-in only runs.</summary>
internal sealed record DistributedApplicationExecutionContext(bool IsPublishMode)
{
    public bool IsRunMode => !IsPublishMode;
}

/// <summary>How a value is made that nobody gave.</summary>
internal sealed class GenerateParameterDefault
{
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string Others = "-_.{}~()*+!";

    public int MinLength { get; set; }

    /// <summary>Whether characters beside letters and digits are used. Default: true.</summary>
    public bool Special { get; set; } = true;

    public string GetDefaultValue() => RandomNumberGenerator.GetString(Special ? LettersAndDigits + Others : LettersAndDigits, MinLength);
}

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private const int PasswordLength = 22;

    private readonly List<StartedResource> _resources = [];
    private readonly string[] _args;

    public DistributedApplicationBuilder(string[] args)
    {
        _args = args;
        Configuration.AddEnvironmentVariables().AddCommandLine(args);
        ExecutionContext = new DistributedApplicationExecutionContext(PublishCommand.IsGiven(Configuration));
    }

    public ConfigurationManager Configuration { get; } = new();

    public string AppHostDirectory => AppHostFolder.Path;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>A value given as <c>Parameters:NAME</c> goes before a made one.</summary>
    public IResourceBuilder<ParameterResource> AddParameter(string name, GenerateParameterDefault value, bool secret = false) =>
        new ResourceBuilder<ParameterResource>(new ParameterResource(name, Configuration[$"Parameters:{name}"] ?? value.GetDefaultValue()));

    public IResourceBuilder<RedisResource> AddRedis(string name)
    {
        var password = AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = PasswordLength, Special = false }, secret: true);
        return Add(new RedisResource(name, password.Resource.Value));
    }

    public IResourceBuilder<ProjectResource> AddProject<TProject>(string name)
        where TProject : IProjectMetadata, new() => Add(new ProjectResource(name, new TProject()));

    public DistributedApplication Build() => new(_args, ExecutionContext, _resources);

    private ResourceBuilder<T> Add<T>(T resource)
        where T : StartedResource
    {
        _resources.Add(resource);
        return new ResourceBuilder<T>(resource);
    }
}
